import numpy as np
import pytest

from pipeline.clean.language_id import LanguageCheck
from pipeline.clean.rules import Side
from pipeline.common.languages import parse_language


@pytest.fixture(scope="module")
def language_check() -> LanguageCheck:
    return LanguageCheck(min_letters=25, min_probability=0.5)


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
        ("nb", "Denne pakke indeholder dokumentationen til grafikbiblioteket, som du har brug for.", False),
        ("pt", "El gobierno anunció el martes que prorrogaría el estado de alarma otro mes más.", True),
        ("pt", "El gobierno anunció el martes.", False),  # too short to tell it from a close language
        ("ru", "Уряд оголосив, здається,, що продовжить надзвичайний стан іще на один місяць для всіх областей.", True),
        ("it", "", False),
    ],
)
def test_only_what_is_surely_another_language(language_check: LanguageCheck, language: str, line: str, other: bool):
    side = Side([line.encode(), line.encode()], parse_language(language))
    assert language_check.other_language(side, np.array([True, False])).tolist() == [other, False]


def test_what_is_asked_of_the_answer():
    line = "This package contains the documentation of the graphics library."
    side, row = Side([line.encode()], parse_language("it")), np.array([True])
    assert not LanguageCheck(min_letters=100, min_probability=0.5).other_language(side, row).any()
    assert not LanguageCheck(min_letters=25, min_probability=1.0).other_language(side, row).any()
