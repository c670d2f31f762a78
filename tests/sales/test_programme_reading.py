"""Reading programme files: what spreadsheets write is understood, and what is wrong is said."""

import pytest

from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.importing.reading import Source, read_sheets


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_files_are_read_as_spreadsheets_write_them(encoding: str, separator: str) -> None:
    text = (
        " Manifestation ;TITRE; Durée ;realisation;;\r\n"
        ";;;;;\r\n"
        'FETE; La Fête œuvre ;80;"Zoé\nÉlan";;\r\n'
        "\r\n"
    ).replace(";", separator)
    sheets = read_sheets([Source("films.csv", text.encode(encoding))])
    (row,) = sheets.of(Kind.EVENT)
    assert sheets.faults == []
    assert row.line == 3
    assert row.values == {
        "code": "FETE",
        "title": "La Fête œuvre",
        "duration_minutes": 80,
        "director": "Zoé Élan",
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "f.csv : le fichier est vide."),
        ("\0\0", "f.csv : le texte n'est écrit ni en UTF-8 ni en Windows-1252."),
        (
            "a;b\n1;2\n",
            "f.csv, ligne 1 : aucune colonne n'annonce ce que le fichier décrit (lieu, salle, manifestation, "
            "grille, tarif, séance, produit, carte de places, carte cadeau, pass).",
        ),
        ("grille;nom;couleur\n", "f.csv, ligne 1, colonne « couleur » : cette colonne est inconnue."),
        ("grille;nom;Nom\n", "f.csv, ligne 1, colonne « Nom » : cette colonne est là deux fois."),
        ("grille\nA\n", "f.csv, ligne 1, colonne « nom » : cette colonne manque."),
        ("grille;nom\nA;\n", "f.csv, ligne 2, colonne « nom » : cette case est vide."),
        ("grille;nom\nA;B;C\n", "f.csv, ligne 2 : « C » est en dehors des colonnes."),
        (
            "grille;nom\nA B;C\n",
            "f.csv, ligne 2, colonne « grille » : un code n'a ni espace, ni plus de 40 caractères.",
        ),
        (
            'grille;nom\nA;"deux\nlignes"\nA;B\n',
            "f.csv, ligne 4, colonne « grille » : « A » est déjà dans f.csv, ligne 2.",
        ),
        (
            "produit;touche;libellé;prix;TVA\nP;1;P;cher;120\n",
            "f.csv, ligne 2, colonne « prix » : « cher » n'est pas un prix, comme 8,50.",
        ),
        (
            "lieu;nom;régime\nP;P;PIRATE\n",
            "f.csv, ligne 2, colonne « régime » : « PIRATE » n'est pas possible ; valeurs admises : "
            "CGI_290Q, CNC_EXHIBITOR, NON_COMMERCIAL.",
        ),
        (
            "manifestation;titre;durée;nominative\nP;P;90;peut-être\n",
            "f.csv, ligne 2, colonne « nominative » : « peut-être » n'est ni oui ni non.",
        ),
        (
            "manifestation;titre;durée\nP;Kneecap\x1b[2J;90\n",
            "f.csv, ligne 2, colonne « titre » : un caractère de commande s'y cache.",
        ),
        (
            "lieu;nom;régime\nP;P;\x1b[31mROUGE\n",
            "f.csv, ligne 2, colonne « régime » : un caractère de commande s'y cache.",
        ),
        ("grille;nom\nA;B;\x1b[2JC\n", "f.csv, ligne 2 : « [2JC » est en dehors des colonnes."),
        ("grille;nom;\x9b2Jx\n", "f.csv, ligne 1, colonne « 2Jx » : cette colonne est inconnue."),
    ],
)
def test_a_fault_is_told_in_french(text: str, fault: str) -> None:
    assert fault in map(str, read_sheets([Source("f.csv", text.encode())]).faults)
