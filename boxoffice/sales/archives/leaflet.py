"""What an archive says of itself to whoever opens it, years later and without this program."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

MANIFEST, SIGNATURE, PUBLIC_KEY = "MANIFESTE.sha256", "MANIFESTE.sha256.sig", "cle-publique.pem"
LEAFLET, ABOUT = "LISEZMOI.txt", "manifeste.json"
JOURNAL = "journal"
FORMAT = 2
"""Which way an archive is laid out; `docs/exploitant.md` says which version verifies the rows of which.

The signature of the list, and the hashes of the files, are the same in all of them.
"""

CHECKING = (
    f"openssl dgst -sha256 -verify {PUBLIC_KEY} -signature {SIGNATURE} {MANIFEST}",
    f"sha256sum -c {MANIFEST}",
)
"""The two commands that check an unzipped archive, in its folder."""
COUNTING = "find . ! -type d", f"cat {MANIFEST}"
"""The files of that folder, and those that were signed: two fewer, each on a line."""

_SPECIMEN = """{specimen}

Cette archive vient d'un guichet où rien n'est vrai, ni vente, ni billet, ni argent. Elle n'est la
pièce comptable de personne.

"""

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
finissent par « _id » renvoient à la colonne « id » d'un autre fichier.

Une opération est de la journée de la clôture Z qui la compte : l'archive tient toutes celles que
comptent les clôtures de journée de la période, et l'entrée du journal de chacune de ces clôtures,
même faite plus tard. Aucune opération n'est entre deux archives qui se suivent. Les entrées du
journal se suivent elles aussi : il peut en raconter quelques-unes d'avant ou d'après la période,
dont les opérations sont alors dans l'archive voisine.

{files}

LES NOMS QUI Y SONT

Les clients n'y sont que par un identifiant : leur nom, leur adresse et leur téléphone n'y sont pas,
ni les codes des billets, des pass et des cartes. Le personnel y est nommé : les opérateurs
(donnees/operateurs, donnees/clotures et donnees/journal) et qui a porté des espèces
(donnees/especes-mouvements et donnees/journal). Ce que quelqu'un a tapé comme motif, note ou
référence de règlement y est tel qu'il l'a tapé (dans sa table ou dans le journal) : si un client y
est nommé, il l'est ici aussi, et le reste, car rien ne s'ôte du journal sans rompre ses signatures.

VÉRIFIER QU'ELLE EST INTACTE, SANS LE LOGICIEL

Décompressez l'archive, placez-vous dans son dossier, puis tapez ces deux commandes (sous Linux et
macOS ; sous Windows, avec Git Bash) :

    {signature}
    {hashes}

La première doit répondre « Verified OK » : la liste {manifest} est bien celle que la caisse a
signée (ECDSA sur la courbe P-256, SHA-256). La seconde doit répondre « OK » (ou « Réussi ») pour
chaque fichier : aucun n'a changé d'un octet. Sur macOS, « shasum -a 256 -c {manifest} » fait de
même.

Aucun autre fichier n'a sa place ici que ceux de cette liste, elle-même et sa signature ; la seconde
commande ne voit pas un fichier de trop. Comptez-les : le premier nombre dépasse le second de deux.

    {there} | wc -l
    {listed} | wc -l

Ces deux commandes disent que rien n'a changé depuis que la clé {public_key} a signé. Elles ne
disent pas de qui est cette clé : n'importe qui peut en faire une, et signer avec elle une autre
archive. Calculez son empreinte :

    openssl pkey -pubin -in {public_key} -outform DER | sha256sum

C'est celle écrite plus haut. Comparez-la à ce qui ne vient pas de cette archive : la présentation
du logiciel que l'exploitant a remise (« boxoffice declaration »), ou une archive d'avant.

COMPARER AUX Z IMPRIMÉS

C'est la seule vérification qui tienne contre qui a les clés : il peut refaire un journal et tout
signer de nouveau, mais non les papiers. La dernière ligne d'un Z imprimé (« Journal 1-57 3F2A 9C1B
77D0 E4A1 ») donne la caisse, l'entrée et les premiers chiffres de son « digest » : ce sont ceux de
cette entrée dans donnees/journal. Un Z de journée par jour suffit. L'exploitant garde ses Z
imprimés ; avec sa base, « boxoffice journal verify --seen » fait la même comparaison.

Un Z peut dire « BASE REMISE » : une sauvegarde a été remise, et les opérations qu'il nomme ne sont
que sur papier. Le total perpétuel les compte, et les numéros reprennent après les leurs.

VÉRIFIER LE JOURNAL, SANS LE LOGICIEL

Le fichier donnees/journal raconte chaque opération et chaque évènement, dans l'ordre de chaque
caisse (« sequence », sans trou). Pour chaque entrée :

- « digest » est le SHA-256, en hexadécimal, de trois textes séparés par un saut de ligne :
  le « digest » de l'entrée d'avant, la « signature » de l'entrée d'avant, et « content » tel qu'il
  est écrit ;
- « signature » est la signature ECDSA P-256, en base64 (DER), de ces 32 octets, par la clé
  « key_fingerprint » de donnees/cles.

Pour la première entrée de chaque caisse, le digest et la signature d'avant sont dans {about}, sous
« chains » (vides si c'est la première de toutes). Une entrée changée, ôtée, ajoutée ou déplacée
rompt la suite.

AVEC LE LOGICIEL

    boxoffice archive verify FICHIER.zip --trust EMPREINTE

fait tout cela d'un coup, sans base de données (une archive du format {format}, avec une version qui
le connaît). Il tient en plus à ce que le journal signé en raconte, dans les deux sens :

- ventes, lignes, reglements, billets, avoirs ;
- valeurs-mouvements ; et dans valeurs, ce qu'il reste d'une valeur dont le dernier mouvement est dans
  cette archive ;
- sessions, sessions-clotures, sessions-comptes, sessions-coupures, especes-mouvements ;
- clotures, dont les totaux de caisse et de journée sont recomptés des opérations ; cles.

Les autres fichiers disent ce qu'était la base ce jour-là. Ils sont dans la liste signée, mais cette
archive seule ne dit pas si la base avait été changée avant : entrees, avoirs-demandes,
avoirs-reponses, pass, reservations-pass et leur suite, valeurs-cadeaux, -places et -promo, tarifs,
grilles, seances et tout le programme, produits, operateurs, regles. Là où elle fut faite, « boxoffice
journal verify » les tient au journal entier.

L'archive se garde six ans, sur un support qui ne se récrit pas.
"""


def leaflet(about: Mapping[str, Any], files: Iterable[tuple[str, str, int]]) -> str:
    """The leaflet of an archive; `files` are their names, what they are, and how many rows they have."""
    head = _SPECIMEN.format(specimen=_loud(about["specimen"])) if about["specimen"] else ""
    return head + _TEXT.format(
        **about["establishment"],
        first=f"{date.fromisoformat(about['first']):%d/%m/%Y}",
        last=f"{date.fromisoformat(about['last']):%d/%m/%Y}",
        made_at=about["made_at"],
        till=about["till"],
        version=about["version"],
        format=about["boxoffice_archive"],
        key=about["key"],
        files="\n".join(f"  {name:<27}{rows:>8}  {meaning}" for name, meaning, rows in files),
        signature=CHECKING[0],
        hashes=CHECKING[1],
        there=COUNTING[0],
        listed=COUNTING[1],
        manifest=MANIFEST,
        public_key=PUBLIC_KEY,
        about=ABOUT,
    )


def _loud(specimen: str) -> str:
    """What marks an archive that is not real, between two lines that nobody overlooks."""
    return "\n".join(("*" * 60, specimen.center(60).rstrip(), "*" * 60))
