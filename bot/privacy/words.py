"""French words, folded (no accents), that are not a password when they follow « mot de passe »."""

from __future__ import annotations

# Small words and whatever people say about a password without giving it.
_SPEECH = """
a ai aie ait as au aux aussi autre autres autant avait avais avec avant avoir apres alors afin ah allo
beaucoup bah ba ben bien bon bonne bonnes bons bonjour bjr bonsoir bsr bref but
c ca sa car ce cet cette ces cela celui celle ceux ces chaque chak chez ci cmt cmnt coman coment comment combien comme
compliquer con d da dc dans ds de deja depuis dep depui des desole desolee dessus dessous deux deuxieme devant dire dit
dis dois doit donc dont du dur e eh elle elles en encore encor ensuite entre est et etait etre eu euh
eux facile fait faire fais faut fo fois fort g gros grand guillemets h ha haut hein help heure heures hier hs
ici id ideal il ils identique j jai je jamais jarrive jcomprend jcomprends jfais jfait jfe jsais jsai jsuis jsui jui jpeux jpe jpx jpeu jme jle jla jlai jmen
juste jusqu jusque jveux ke ki kel kelle kelk kelkun koi ko kan k l la las le les lequel laquelle leur leurs lire loin long
longtemps lui m ma mais mal malheureusement mauvais mauvaise movai movais me meme memes merci mercii merde mes mettre
mieux moi moins moment mon mn mr mme madame monsieur mtn maintenant n na ne ni nan no non nn normal nos notre nouveau nouvel
nouvelle nul nulle o ok oki okay on or ou oui ouai ouais p pa par parce pareil pare parfois pas pasque pb pk pq pour
pourquoi pourtant peu peut peux px plait plein plus plusieurs plutot possible pr pres presque prevu primordial propre pu
puis puisque q qu quand quant que quel quelle quels quelles quelque quelques quelqu qui quoi r rapidement rdv re remet rien
sans sauf se sera serait ses seul seulement si simple soit son sont sous souvent sur stp svp suis sai sais t
ta tant tard te tel telle tes tjr tjrs tj toi ton top tout toute toutes tous toujours trop tres tro tu u un une
urgent valable veu veut veux vers via vite voici voila voir vois vos votre vous vrai vraiment vu wesh x y ya yes zut
zero premier premiere dernier derniere ancien ancienne actuel actuelle second seconde unique different differente differents
general generale personnel personnelle perso confidentiel secret secrete important importante obligatoire impossible
difficile compliquee complique incorrect incorrecte incorect inconnu inconnue invalide invalid valide errone erronee faux fausse fo
mauvaises exact exacte correct correcte vide nouveaux provisoire temporaire definitif long longue court courte special
securise securisee robuste solide faible fiable identiques similaire disponible visible illisible introuvable
suffisant suffisamment officiel grave bizarre etrange marrant chiant penible galere horrible dommage ennuyeux embetant
normalement apparemment automatiquement surement peutetre evidemment directement seulement vraisemblablement
voila attention pardon salut slt coucou cdt cordialement aidez aide aider
car parceque lorsque tandis pendant malgre selon sinon
lettre lettres chiffre chiffres caractere caracteres majuscule majuscules minuscule minuscules symbole symboles
mot mots passe passes code codes mdp password login identifiant identifiants identifian compte comptes conte numero num
adresse mail mails email courriel courrier lettre sms texto telephone tel portable ordi ordinateur tablette
site sites page pages appli application lien liens bouton ecran case champ espace espaces formulaire message messages
fiscal fiscale fisc impot impots caf kaf cpam ameli secu securite sociale ants carsat msa urssaf pole emploi travail
retraite assurance maladie franceconnect france connect identite numerique titres service public servicepublic gouv
poste laposte banque bancaire carte vitale bleue visa gmail google outlook hotmail yahoo orange free sfr bouygues
wanadoo facebook whatsapp instagram messagerie boite wifi box internet nextcloud cloud windows mac apple samsung android
iphone teams zoom demarches simplifiees pix pro professionnel mairie administrateur admin session reseau bureau
doctolib mesdroitssociaux chorus rnu mdph aah rsa apl
mari femme fils fille enfant enfants mere pere soeur frere copain copine ami amie voisin voisine collegue maman papa
dame gens personne personnes client cliente usager usagers conseiller conseillere prenom nom naissance date annee age
ville code postal
probleme souci soucis pblm erreur bug blocage question reponse demande choix moyen facon raison cause chose truc machin
jour jours semaine semaines mois an ans annees minute minutes seconde secondes aujourd hui demain matin soir
""".split()

# What happens to a password (participles and verbs, with their usual misspellings).
_FATE = """
accepte affiche ajoute annule arrete arrive arrivee attribue bloque bloquee bloker bloke blok boque cache casse change
changee changer chnge cherche choisi choisir choisit clique colle communique compris conseille conserve consulte contient copie
cree creer creee cre cripte crypte decouvert definir defini demande demander demandee depasse desactive deverrouille diffuse
divulgue doit donne donner doner done doute ecrit ecrire efface egare enregistre enregistrer entre entrer envoye envoyer
envoie erreur essaye essaie essayer eteint expire expirer exige existe fonctionne fonctionner fonctione fourni garde gardee
generer genere ignore imprime indique initialise inscrit inutile intercepte invente jete lis loupe manque marche marcher
marchait marchent memorise met mets mettre mi mis mise mettait modifie modifier montre ne note notee oublie oubliee oublier
oubliez oubli oublies oublie-s perdu perdue perdre perd perds perdus perime perimee pert pirate piratee pose pris prete
prolonge protege publie rate recu recue recevoir recopie recommence recupere recuperer redemande redonne refait refaire
refuse refusee refuser refus regle reinit reinitialise reinitialiser reinitialisation rejete rejette remplace remplacer renouvele renouveler
rendu renvoie renvoye repete requis resaisi retape retenu retourne retrouve retrouver retrouvee reutilise revoque
saisi saisir saisie sauvegarde sauvegarder souviens souvient souvenir stocke supprime suivi tape taper tapez transmis
transmettre trompe trouve trouver utilise utiliser verifie verifier verrouille vole volee voler vient zappe
quittant reste devient devenu semble parait disparu modifiable accessible consultable
""".split()

NOT_A_PASSWORD = frozenset(_SPEECH) | frozenset(_FATE)

# « J'ai oublié mon mot de passe, c'est … »: what follows is seldom a password.
LOST_BEFORE = r"(?:oubl\w+|perd\w*|pert|cherch\w+|retrouv\w+|recuper\w+|chang\w+|refai\w+|reinit\w+|demand\w+|bloqu\w+|pas|plus|plu|aucun|sans)"

# Words that may stand between « code » and its digits.
AROUND_CODE = frozenset(
    """a ai as avais avait bien c caf ce cest c'est ces chiffre chiffres compte confirmation connexion contient d'acces
    d'activation d'authentification d'identification dactivation de demande deja dit donne du ecrit egal en envoye envoyer est etait et
    france franceconnect g gmail google indique j'ai jai je jviens l'ecran la la-poste le les lu mail mail mails marque me moi mon mn montre mot
    nouveau numero number on ont par pour provisoire q que qu'on qu'ils quil qu'il ke ki qui recois recoi recu recue recus recoit sa
    se secret securite ses sms son soit suis suivant sur tape tel telephone temporaire texto texte un unique usage
    utilise validation valide verif verification via vient viens voici voila whatsapp ameli impots caf.fr msg message
    tjrs toujours dernier ils elle il arrive arriver mis mi rentre entre taper tape sur-mon portable""".split()
)
# « code postal 59000 » and the like are not secrets.
NOT_A_SECRET_CODE = (
    "postal|postaux|erreur|d'erreur|insee|naf|ape|commune|officiel|rome|promo|banque|guichet|pays|iso|civil|penal|"
    "du travail|de la route|de la secu|de la famille|de commerce|barre|barres|general|rural|electoral|"
    "des impots|de l'|de procedure|de deontologie|couleur|source|de conduite"
)
# Short numbers that everybody may call.
PUBLIC_NUMBERS = frozenset(
    "112 114 115 116 119 196 1000 116000 116006 116117 118712 3000 3010 3018 3020 3114 3117 3133 3200 3219 3230 3237"
    " 3400 3611 3620 3631 3635 3639 3640 3646 3698 3900 3901 3903 3909 3915 3916 3919 3928 3936 3939 3949 3957"
    " 3959 3960 3966 3970 3975 3977 3989 3992 3995 2042 1337".split()
)
