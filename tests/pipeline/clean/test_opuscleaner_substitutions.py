"""The programs of the filters sed and regexp. Expected is what GNU sed 4.9 and Perl 5.36 print, but for what docstrings except."""

import pytest

from pipeline.clean.opuscleaner.perl import regexp
from pipeline.clean.opuscleaner.sed import sed
from pipeline.common.languages import parse_language
from pipeline.common.script import StepError

ENGLISH = parse_language("en")


@pytest.mark.parametrize(
    ("pattern", "replacement", "line", "left"),
    [
        ("a", "b", "banana", "bbnbnb"),
        ("[0-9]+", "<&>", "a 12 b 3", "a <12> b <3>"),
        ("[0-9]+", r"\&", "a 12", "a &"),
        ("(a)(b)?", r"[\2\1]", "ab a", "[ba] [a]"),
        ("a|ab|abc", "x", "abcd", "xd"),  # the longest, not the first
        ("a+?", "x", "aab", "xbx"),  # one quantifier on another is not lazy
        (".*?b", "x", "abab", "x"),
        ("x*", "-", "axb", "-a-b-"),
        (r"\<w", "W", "word sword", "Word sword"),
        (r"d\>", "D", "word ode", "worD ode"),
        (r"\bé\w*", r"\U&", "élan né", "ÉLAN né"),
        (r"(\w)(\w*)", r"\u\1\L\2\E!", "heLLO wORLD", "Hello! World!"),
        ("[[:space:]]+", " ", "a \t b", "a b"),
        ("[^[:alpha:] ]", "", "a1,b é", "ab é"),
        ("[]x]", "-", "a]x", "a--"),
        (r"[\.]", "-", r"a.\b", "a--b"),  # in brackets a backslash is one
        ("[a&&b|~]", "", "a&b|~c", "c"),
        ("a{2}", "x", "aaa a{2}", "xa a{2}"),
        ("a/b", "c/d", "a/b", "c/d"),
        (r"a\/b", r"c\/d", "a/b", "c/d"),
        (r"(.)\1", r"\1", "aabbc", "abc"),
        ("^ | $", "", " a ", "a"),
        ("😀", "字", "a😀", "a字"),
        ("a", r"\t", "ba", "b\t"),
    ],
)
def test_sed(pattern: str, replacement: str, line: str, left: str):
    assert sed(ENGLISH, pattern, replacement)(line) == left


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        ("", "x", "is empty"),
        ("a(", "x", "is no extended regular expression"),
        ("*a", "x", "is no extended regular expression"),
        ("[a", "x", r"a \[ has no end"),
        (r"\d+", "x", r"sed has no \\d; a digit is \[0-9\]"),
        ("x{y}", "x", "must be"),
        ("a\\", "x", r"sed has no \\"),
        ("[[.hyphen.]]", "x", "collating symbols"),
        ("a", r"\1", r"\\1 is no group of PATTERN, which has 0"),
        ("a", r"b\nc", "line break"),
    ],
)
def test_what_sed_is_not_given(pattern: str, replacement: str, message: str):
    with pytest.raises(StepError, match=message):
        sed(ENGLISH, pattern, replacement)


@pytest.mark.parametrize(
    ("program", "line", "left"),
    [
        ("s/a/b/", "banana", "bbnana"),
        ("s/a/b/g", "banana", "bbnbnb"),
        ("s/A/b/gi", "banana", "bbnbnb"),
        (" s/a/b/ ;\n s/n/m/g; ", "banana", "bbmama"),
        ("s#a/b#c#", "a/b", "c"),
        (r"s#a\#b#\##", "a#b", "#"),
        (r"s|a\|b|x|g", "a|b", "x|x"),  # a delimiter without its backslash is what it is in a pattern
        (r"s{a\{2\}} {x{y}z}", "a{2}", "x{y}z"),
        ("s(a(b))<$1>", "ab", "b"),
        (r"s/(\w+) (\w+)/$2 \1/", "one two", "two one"),
        (r"s/(a)|(b)/<$1$2>/g", "ab", "<a><b>"),
        (r"s/(?<first>\w)/$+{first}${1}/", "ab", "aab"),
        (r"s/\w+/[$&]/", "ab c", "[ab] c"),
        (r"s/(\w)(\w*)/\u$1\U$2\E-/g", "ab cd", "AB- CD-"),
        (r"s/ß/\u$&/", "ß", "Ss"),
        (r"s/([\x{3040}-\x{30ff}])\!/$1\x{ff01}/g", "です!", "です\uff01"),
        (r"s/\x{1F600}/:)/", "😀", ":)"),
        (r"s/é/e/g", "né é", "ne e"),
        (r"s/([\x{0E00}-\x{0E7F}])\x{0E46}/\$1 \x{0E46} /g", "กๆข", "ก ๆ ข"),  # \$1 is meant as the group
        (r"s/\$5/\$ 5/", "$5", "$ 5"),
        (r"s/a$/b/", "aa", "ab"),
        (r"s/\s+$//", "a \t", "a"),
        (r"s#\{(?:[^{}]++|(?R))*+\}##g", "{a {b}} c {", " c {"),
        (r"s/\Qa.b*\E+/x/", "a.b** a.b", "x a.b"),
        (r"s/(\w)\g{1}/=/g; s/(?<q>-)\k<q>/+/", "aab--", "=b+"),
        (r"s/foo\Kbar/-/", "foobar bar", "foo- bar"),
        (r"s/\h+/ /g", "a \u00a0\tb", "a b"),
        (r"s/[[:punct:]]//g", "a.b$c©", "abc©"),
        (r"s/[]&~|\[]/-/g", "a]&~|[b", "a-----b"),
        (r"s/ a b /c/x", "ab", "c"),
        (r"s/me@example/x/", "me@example", "x"),  # no variable @example
        (r"s/\p{Lu}\p{Ll}+/N/g", "Élan and Ω", "N and Ω"),
        ("tr/a-c/A-C/", "abcd", "ABCd"),
        ("y/abc/x/", "abcd", "xxxd"),
        ("tr/abc/x/d", "abcd", "xd"),
        ("tr/ //s", "a   b  c", "a b c"),
        ("tr/a-zA-Z//cd", "a1 É.b", "ab"),
        ("tr/a-z/-/cs", "a12b", "a-b"),
        (r"tr/a\-z/123/", "a-z-m", "1232m"),
        (r"tr[\x{ff10}-\x{ff19}][0-9]", "\uff11\uff12", "12"),
        (r"tr/a-z//cs", "aa--b..", "aa-b."),
    ],
)
def test_perl(program: str, line: str, left: str):
    assert regexp(ENGLISH, program)(line) == left


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("", "is empty; must be a substitution"),
        ("print if /x/", "only s/…/…/ and tr/…/…/ are known of Perl, not 'print if /x/'"),
        ("s/a/b/ if /c/", "a substitution ends with a semicolon or the program, not 'if /c/'"),
        ("s/a/b", "the end of a substitution is missing, /"),
        ("s{a}", "the end of a substitution is missing"),
        ("s/a/uc($&)/e", "the modifier e is not known here"),
        ("s'a'b'", "the delimiter ' is not known here"),
        ("s/(a/b/", "cannot be read as a regular expression"),
        (r"s/a/b\n/", "line break"),
        ("s/$name/b/", "there are no variables here"),
        ("s/(?<name>a)/${name}/", "there are no variables here"),
        ("s/a/$name/", "there are no variables here"),
        ("s/a/$1/", "has no group 1"),
        ("s/a/$+{b}/", "has no group b"),
        (r"s/\x{110000}/b/", "is no character of Unicode"),
        ("tr/a/b/r", "known modifiers are c, d and s"),
        ("tr/z-a/b/", "the range z-a runs backwards"),
    ],
)
def test_what_perl_is_not_given(program: str, message: str):
    with pytest.raises(StepError, match=message.replace("(", r"\(").replace("$", r"\$")):
        regexp(ENGLISH, program)
