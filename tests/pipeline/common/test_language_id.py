import pytest

from pipeline.common.language_id import LanguageIdentifier


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Questo pacchetto contiene la documentazione della libreria per la grafica.", "it"),
        ("ESTE PAQUETE CONTIENE LA DOCUMENTACIÓN DE LA BIBLIOTECA DE GRÁFICOS", "es"),
        ("这个软件包包含图形库的文档和许多例子。", "zh"),
        ("Denne pakken inneholder dokumentasjonen til grafikkbiblioteket som du trenger.", "no"),
    ],
)
def test_identify(line: str, code: str):
    found, probability = LanguageIdentifier().identify(line)
    assert found == code and 0.5 < probability < 1.01


def test_an_empty_line_is_surely_in_no_language():
    assert LanguageIdentifier().identify("")[1] < 0.5
