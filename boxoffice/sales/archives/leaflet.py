"""What an archive says of itself to whoever opens it, years later and without this program."""

from collections.abc import Iterable, Mapping
from typing import Any

MANIFEST, SIGNATURE, PUBLIC_KEY = "MANIFESTE.sha256", "MANIFESTE.sha256.sig", "cle-publique.pem"
LEAFLET, ABOUT = "LISEZMOI.txt", "manifeste.json"

CHECKING = (
    f"openssl dgst -sha256 -verify {PUBLIC_KEY} -signature {SIGNATURE} {MANIFEST}",
    f"sha256sum -c {MANIFEST}",
)
"""The two commands that check an unzipped archive, in its folder."""

_TEXT = """ARCHIVE DE CAISSE

Exploitant       {operator_name} – {festival}
SIRET            {siret}
Période          du {first} au {last} (journées comptables, incluses)
Faite le         {made_at} (UTC), à la caisse {till}, par boxoffice {version}
Clé de la caisse {key}

CE QU'ELLE CONTIENT

Chaque fichier du dossier donnees existe deux fois, avec les mêmes lignes : en CSV (séparateur
point-virgule, UTF-8, la première ligne nomme les colonnes), qui s'ouvre dans un tableur, et en JSON
(une liste d'objets, un par ligne de texte). Les montants sont en centimes d'euro, les taux de TVA
en centièmes de pour cent (550 = 5,5 %), les moments en temps universel (UTC). Les colonnes qui
finissent par « _id » renvoient à la colonne « id » d'un autre fichier. Les clients n'y sont que par
un identifiant.

{files}

VÉRIFIER QU'ELLE EST INTACTE, SANS LE LOGICIEL

Décompressez l'archive, placez-vous dans son dossier, puis tapez ces deux commandes (sous Linux et
macOS ; sous Windows, avec Git Bash) :

    {signature}
    {hashes}

La première doit répondre « Verified OK » : la liste {manifest} est bien celle que la caisse a
signée (ECDSA sur la courbe P-256, SHA-256). La seconde doit répondre « OK » (ou « Réussi ») pour
chaque fichier : aucun n'a changé d'un octet. Sur macOS, « shasum -a 256 -c {manifest} » fait de
même.

La clé {public_key} doit être celle de la caisse. Son empreinte est celle écrite plus haut ;
comparez-la à celle que l'exploitant a notée (« boxoffice tills list »), ou à celles du fichier
donnees/cles.csv :

    openssl pkey -pubin -in {public_key} -outform DER | sha256sum

VÉRIFIER LE JOURNAL, SANS LE LOGICIEL

Le fichier donnees/journal raconte chaque opération et chaque évènement, dans l'ordre de chaque
caisse (« sequence », sans trou). Pour chaque entrée :

- « digest » est le SHA-256, en hexadécimal, de trois textes séparés par un saut de ligne : le «
  digest » de l'entrée d'avant, la « signature » de l'entrée d'avant, et « content » tel qu'il est
  écrit ;
- « signature » est la signature ECDSA P-256, en base64 (DER), de ces 32 octets, par la clé «
  key_fingerprint » de donnees/cles.

Pour la première entrée de chaque caisse, le digest et la signature d'avant sont dans {about}, sous
« chains » (vides si c'est la première de toutes). Une entrée changée, ôtée, ajoutée ou déplacée
rompt la suite.

AVEC LE LOGICIEL

    boxoffice archive verify FICHIER.zip

fait tout cela d'un coup, sans base de données. L'archive se garde six ans, sur un support qui ne se
récrit pas.
"""


def leaflet(about: Mapping[str, Any], files: Iterable[tuple[str, str, int]]) -> str:
    """The leaflet of an archive; `files` are their names, what they are, and how many rows they have."""
    return _TEXT.format(
        **about["establishment"],
        first=about["first"],
        last=about["last"],
        made_at=about["made_at"],
        till=about["till"],
        version=about["version"],
        key=about["key"],
        files="\n".join(f"  {name:<27}{rows:>8}  {meaning}" for name, meaning, rows in files),
        signature=CHECKING[0],
        hashes=CHECKING[1],
        manifest=MANIFEST,
        public_key=PUBLIC_KEY,
        about=ABOUT,
    )
