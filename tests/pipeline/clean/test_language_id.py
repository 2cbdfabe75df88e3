import pytest

from pipeline.clean.language_id import other_language
from pipeline.common.language_id import LanguageIdentifier
from pipeline.common.languages import parse_language


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier()


@pytest.mark.parametrize(
    ("language", "line", "other"),
    [
        ("it", "Questo pacchetto contiene la documentazione della libreria per la grafica.", False),
        ("it", "This package contains the documentation of the graphics library.", True),
        ("it", "file di sviluppo", False),
        ("it", "hello world", False),  # another language, but too short to be sure
        ("en", "GNOME Shell", False),
        ("en", "ESTE PAQUETE CONTIENE LA DOCUMENTACIÓN DE LA BIBLIOTECA DE GRÁFICOS", True),
        ("zh", "这个软件包包含图形库的文档和许多例子。", False),
        ("zh", "このパッケージにはグラフィックライブラリのドキュメントが含まれています。", True),
        ("nb", "Denne pakken inneholder dokumentasjonen til grafikkbiblioteket som du trenger.", False),
        ("it", "", False),
    ],
)
def test_only_what_is_surely_another_language(identifier: LanguageIdentifier, language: str, line: str, other: bool):
    assert other_language(identifier, [line], parse_language(language)) == [other]
