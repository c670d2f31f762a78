"""What the presentation of the program says: each clause is to be true of the code as it stands."""

FUNCTIONS = (
    "Vente de billets et de produits, pass, réservations, cartes cadeaux et de places, codes promo,"
    " avoirs et soldes de clients.",
    "Encaissement, annulation et échange, chacun enregistré comme une opération de plus.",
    "Impression des billets, reçus, coupons de gestion, relevés et clôtures ; contrôle à l'entrée.",
    "Clôtures de caisse, de journée, de mois et d'année ; exports comptables ; archives.",
)

UNALTERED = (
    "Chaque opération est enregistrée ligne par ligne : numéro, date et heure, caisse, opérateur,"
    " libellés, quantités, prix, taux de TVA, règlements, opération d'origine pour une annulation.",
    "Rien d'une opération n'est modifié ni supprimé : une correction est une nouvelle opération, en"
    " plus ou en moins, qui renvoie à la première.",
    "La base de données refuse elle-même, par ses gardes, toute modification et toute suppression dans"
    " ces tables : {tables}. Qui administre la base peut ôter une garde : « boxoffice doctor » et «"
    " boxoffice journal verify » disent alors laquelle manque ou a changé.",
    "Chaque caisse tient un journal numéroté sans trou, où chaque entrée porte l'empreinte et la"
    " signature de celle d'avant. « boxoffice journal verify » suit chaque journal, en vérifie les"
    " signatures, recalcule les clôtures, et tient ces tables à ce que le journal raconte : une entrée"
    " ou une ligne changée, ôtée, ajoutée ou déplacée est trouvée et nommée, dans les limites dites sous"
    " « Portée ».",
    "Le journal raconte aussi le programme (lieux et leur régime, salles, manifestations, grilles, tarifs,"
    " articles, séances), puis chaque changement, avec ce qui était et ce qui est ; une place vendue y dit"
    " sa manifestation et son lieu.",
)

SECURED = (
    "Chaque entrée du journal est signée par ECDSA sur la courbe P-256 avec SHA-256. La clé privée de"
    " chaque caisse est dans un fichier de son poste, jamais dans la base de données. Une clé remplacée"
    " ne signe plus ; une clé déclarée perdue qui signe encore est signalée par la vérification.",
    "Les journaux des caisses signent mutuellement où ils en sont, notamment à chaque clôture. Chaque"
    " poste garde hors de la base, dans l'ancre signée par sa clé, la dernière entrée qu'il a signée et"
    " les derniers numéros donnés. Les sauvegardes gardent où en étaient tous les journaux.",
    "Chaque opérateur a son code PIN (conservé haché par argon2id) et un rôle. Ce que chaque rôle peut"
    " faire est dans la table des droits, que seul un responsable change. Un acte qui n'est pas de son"
    " rôle demande le code de qui en a le droit, dont le numéro est enregistré, comme l'empreinte du code"
    " tapé : la vérification tient l'un et l'autre à ce que le journal a raconté.",
    "L'original d'un document porte le numéro 0 ; toute réimpression est numérotée, inscrite au"
    " journal, et marquée DUPLICATA. Une clôture écrite en PDF porte « copie en PDF ».",
    "Le mode formation (école) travaille sur une base, une clé et un journal à part, qui ne peuvent"
    " devenir réels ; ses papiers portent SPÉCIMEN – FORMATION. Son début et sa fin par « boxoffice"
    " training » sont inscrits au journal réel.",
    "Sont aussi inscrits au journal : {events}.",
)

KEPT = (
    "Les clôtures de journée, de mois et d'année enregistrent les totaux par taux de TVA, le total de"
    " la période et le total perpétuel, algébriques et absolus.",
    "Aucune session de caisse n'ouvre et rien ne se vend tant qu'une journée passée n'est pas close, à"
    " cette caisse et pour toute la billetterie. Un mois ou une année qui attend sa clôture est signalé,"
    " sans arrêter la vente.",
    "Aucune commande ne purge les données de caisse. L'effacement d'un client ôte son nom et ses"
    " coordonnées, qui sont à part, et ne touche à aucune opération.",
    "Des sauvegardes sont faites d'elles-mêmes ({hours}), à la clôture et avant toute mise à jour, et"
    " relues dans une base à part avant d'être gardées. Les plus anciennes sont ôtées par une règle, ce"
    " que le journal raconte.",
    "Une sauvegarde remise est d'abord vérifiée en entier ; la remise est inscrite au journal. Les"
    " numéros des opérations, des billets et des Z et les totaux perpétuels continuent après les plus"
    " hauts connus. Chaque X et chaque Z le dit jusqu'à la clôture de l'année, avec les opérations qui"
    " ne sont plus dans la base.",
)

ARCHIVED = (
    "« boxoffice archive create » écrit, pour des journées entièrement closes, les opérations, lignes,"
    " règlements, billets, espèces, sessions, clôtures et le journal en CSV et en JSON dans un ZIP daté,"
    " avec la liste des empreintes SHA-256, signée par la clé de la caisse. Chaque archivage est"
    " inscrit au journal.",
    "L'archive se lit et se vérifie sans le logiciel (« sha256sum », « openssl ») ; « boxoffice archive"
    " verify » la vérifie par son seul fichier, et tient opérations, cartes et soldes, sessions, espèces"
    " et clôtures au journal qu'elle contient ; son LISEZMOI dit ce qu'elle n'y tient pas. Elle est"
    " vérifiée de même à peine faite. De qui est la clé ne se prouve que du dehors : par les empreintes"
    " ci-dessous.",
)

LIMITS = (
    "Ce document décrit le logiciel tel qu'il est installé et réglé à cette date. Il n'est ni un"
    " certificat ni l'attestation individuelle de l'éditeur.",
    "Une signature prouve qu'un journal n'a pas changé depuis qu'une clé l'a signé, non qui s'est servi"
    " de la clé. Qui a la clé d'une caisse, son ancre, la base et les sauvegardes peut refaire la fin"
    " d'un journal que personne d'autre n'a vue. Les autres caisses, les archives remises et les papiers"
    " en sont les témoins : les Z imprimés se gardent, et leur dernière ligne se compare par «"
    " boxoffice journal verify --seen », seule vérification qui tienne contre qui a tout cela.",
    "Les fichiers d'un poste (base, clés, ancres, sauvegardes) sont au seul compte du système qui fait"
    " tourner le programme : le système d'exploitation les garde, non le programme. Qui a ce compte peut"
    " les lire, les copier et les remplacer ; une base sur un serveur est aussi à qui l'administre.",
    "Qui a une copie de la base ou d'une sauvegarde peut chercher les codes PIN aussi longtemps qu'il veut :"
    " un code de quatre chiffres tient une demi-heure, un de six deux jours sur un processeur. La règle dit"
    " combien en a celui d'un responsable ; le chiffrement des disques et des copies est à l'utilisateur.",
    "Le journal ne raconte pas les noms et coordonnées des clients, ni si un papier est bien sorti de"
    " l'imprimante : la vérification ne peut en répondre, et l'archive ne les contient pas.",
    "L'heure est celle du poste : une horloge qui recule de plus de cinq minutes est inscrite au journal.",
    "Après une remise, ce qui fut vendu depuis la sauvegarde n'est que sur papier et, s'il a pu être"
    " lu, dans la base gardée avant la remise. Si elle ne se lisait plus, les derniers numéros viennent"
    " des ancres, et les montants depuis la dernière sauvegarde sont inconnus.",
)

EVENTS = (
    "connexions, déconnexions et codes refusés",
    "changements de règle, de droit, de programme, d'opérateur, de caisse et d'imprimante",
    "ouvertures et fermetures de session, comptes du tiroir, même refusés, mouvements d'espèces, tiroir"
    " ouvert sans vente",
    "lignes retirées d'un panier, autorisations d'un responsable",
    "ruptures constatées, clés créées, copiées, remises ou perdues",
    "bases remises, sauvegardes faites et ôtées, archives, exports de chiffres et de listes, chiffres lus"
    " en ligne de commande",
    "changements de version",
)
