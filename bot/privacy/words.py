"""French words, folded (no accents): which are no password, which stand around a code.

Spelled as people type them, mistakes included. To teach the masking a new word, add it here.
"""

from __future__ import annotations

# Small words, services, and what people say about a password without giving it.
_SPEECH = """
a aah actuel actuelle admin administrateur adresse afin age ah ai aide aider aidez aie ait allo
alors ameli ami amie an ancien ancienne android annee annees ans ants apl apparemment apple appli
application apres as assurance attention au aujourd aussi autant automatiquement autre autres aux
avais avait avant avec avoir ba bah bancaire banque beaucoup ben bien bizarre bjr bleue blocage
boite bon bonjour bonne bonnes bons bonsoir bouton bouygues box bref bsr bug bureau but c ca caf
car caractere caracteres carsat carte case cause cdt ce cela celle celui ces cet cette ceux chak
champ chaque chez chiant chiffre chiffres choix chorus chose ci client cliente cloud cmnt cmt code
codes collegue coman combien coment comme comment complique compliquee compliquer compte comptes
con confidentiel connect conseiller conseillere conte copain copine cordialement correct correcte
coucou courriel courrier court courte cpam d da dame dans date dc de definitif deja demain demande
demarches dep depui depuis dernier derniere des desole desolee dessous dessus deux deuxieme devant
different differente differents difficile dire directement dis disponible dit doctolib dois doit
dommage donc dont ds du dur e ecran eh elle elles email embetant emploi en encor encore enfant
enfants ennuyeux ensuite entre erreur errone erronee espace espaces est et etait etrange etre eu
euh eux evidemment exact exacte facebook facile facon faible faire fais fait fausse faut faux
femme fiable fille fils fisc fiscal fiscale fo fois formulaire fort france franceconnect free
frere g galere general generale gens gmail google gouv grand grave gros guillemets h ha haut hein
help heure heures hier horrible hotmail hs hui ici id ideal identifian identifiant identifiants
identique identiques identite il illisible ils important importante impossible impot impots
inconnu inconnue incorect incorrect incorrecte instagram internet introuvable invalid invalide
iphone j jai jamais jarrive jcomprend jcomprends je jfais jfait jfe jla jlai jle jme jmen jour
jours jpe jpeu jpeux jpx jsai jsais jsui jsuis jui jusqu jusque juste jveux k kaf kan ke kel kelk
kelkun kelle ki ko koi l la laposte laquelle las le lequel les lettre lettres leur leurs lien
liens lire login loin long longtemps longue lorsque lui m ma mac machin madame mail mails
maintenant mairie mais majuscule majuscules mal maladie malgre malheureusement maman mari marrant
matin mauvais mauvaise mauvaises mdp mdph me meme memes merci mercii merde mere mes
mesdroitssociaux message messagerie messages mettre mieux minuscule minuscules minute minutes mme
mn moi moins mois moment mon monsieur mot mots movai movais moyen mr msa mtn n na naissance nan ne
nextcloud ni nn no nom non normal normalement nos notre nouveau nouveaux nouvel nouvelle nul nulle
num numerique numero o obligatoire officiel ok okay oki on or orange ordi ordinateur ou ouai ouais
oui outlook p pa page pages papa par parce parceque pardon pare pareil parfois pas pasque passe
passes password pb pblm pendant penible pere perso personne personnel personnelle personnes peu
peut peutetre peux pix pk plait plein plus plusieurs plutot pole portable possible postal poste
pour pourquoi pourtant pq pr premier premiere prenom pres presque prevu primordial pro probleme
professionnel propre provisoire pu public puis puisque px q qu quand quant que quel quelle quelles
quelqu quelque quelques quels question qui quoi r raison rapidement rdv re remet reponse reseau
retraite rien rnu robuste rsa sa sai sais salut samsung sans sauf se second seconde secondes
secret secrete secu securise securisee securite selon semaine semaines sera serait service
servicepublic ses session seul seulement sfr si similaire simple simplifiees sinon site sites slt
sms sociale soeur soir soit solide son sont souci soucis sous souvent special stp suffisamment
suffisant suis sur surement svp symbole symboles t ta tablette tandis tant tard te teams tel
telephone telle temporaire tes texto titres tj tjr tjrs toi ton top toujours tous tout toute
toutes travail tres tro trop truc tu u un une unique urgent urssaf usager usagers valable valide
vers veu veut veux via vide ville visa visible vitale vite voici voila voir vois voisin voisine
vos votre vous vrai vraiment vraisemblablement vu wanadoo wesh whatsapp wifi windows x y ya yahoo
yes zero zoom zut
"""

# What happens to a password: participles and verbs.
_FATE = """
aucun aucune aucuns inexistant blanc
accepte accessible affiche ajoute annule arrete arrive arrivee attribue blok bloke bloker bloque
bloquee boque cache casse change changee changer cherche chnge choisi choisir choisit clique colle
communique compris conseille conserve consultable consulte contient copie cre cree creee creer
cripte crypte decouvert defini definir demande demandee demander depasse desactive devenu
deverrouille devient diffuse disparu divulgue doit done doner donne donner doute ecrire ecrit
efface egare enregistre enregistrer entre entrer envoie envoye envoyer erreur essaie essaye
essayer eteint exige existe expire expirer fonctione fonctionne fonctionner fourni garde gardee
genere generer ignore imprime indique initialise inscrit intercepte inutile invente jete lis loupe
manque marchait marche marchent marcher memorise met mets mettait mettre mi mis mise modifiable
modifie modifier montre ne note notee oubli oublie oublie-s oubliee oublier oublies oubliez parait
perd perdre perds perdu perdue perdus perime perimee pert pirate piratee pose prete pris prolonge
protege publie quittant rate recevoir recommence recopie recu recue recupere recuperer redemande
redonne refaire refait refus refuse refusee refuser regle reinit reinitialisation reinitialise
reinitialiser rejete rejette remplace remplacer rendu renouvele renouveler renvoie renvoye repete
requis resaisi reste retape retenu retourne retrouve retrouvee retrouver reutilise revoque saisi
saisie saisir sauvegarde sauvegarder semble souvenir souviens souvient stocke suivi supprime tape
taper tapez transmettre transmis trompe trouve trouver utilise utiliser verifie verifier
verrouille vient vole volee voler zappe
"""

NOT_A_PASSWORD = frozenset(_SPEECH.split()) | frozenset(_FATE.split())

# After « j'ai oublié mon mot de passe, c'est … », what follows is seldom a password.
LOST_BEFORE = (
    r"(?:oubl\w+|perd\w*|pert|cherch\w+|retrouv\w+|recuper\w+|chang\w+|refai\w+|reinit\w+|"
    r"demand\w+|bloqu\w+|pas|plus|plu|aucun|sans)"
)

# Words that may stand between « code » and its digits.
AROUND_CODE = frozenset(
    """
a ai ameli arrive arriver as avais avait bien c c'est caf caf.fr ce ces cest chiffre chiffres
compte confirmation connexion contient d'acces d'activation d'authentification d'identification
dactivation de deja demande dernier dit donne du ecrit egal elle en entre envoye envoyer est et
etait france franceconnect g gmail google il ils impots indique j'ai jai je jviens ke ki l'ecran
la la-poste le les lu mail mails marque me message mi mis mn moi mon montre mot msg nouveau number
numero on ont par portable pour provisoire q qu'il qu'ils qu'on que qui quil recoi recois recoit
recu recue recus rentre sa se secret securite ses sms soit son suis suivant sur sur-mon tape taper
tel telephone temporaire texte texto tjrs toujours un unique usage utilise validation valide verif
verification via viens vient voici voila whatsapp
""".split()  # noqa: SIM905
)

# « code postal 59000 » and the like are not secrets.
OTHER_CODES = (
    "postal|postaux|erreur|d'erreur|insee|naf|ape|commune|officiel|rome|promo|banque|guichet|"
    "pays|iso|civil|penal|du travail|de la route|de la secu|de la famille|de commerce|barres?|"
    "general|rural|electoral|des impots|de l'|de procedure|de deontologie|couleur|source|"
    "de conduite"
)

# Short numbers that everybody may call, and the form of the income tax.
PUBLIC_NUMBERS = frozenset(
    """
1000 112 114 115 116 116000 116006 116117 118712 119 1337 196 2042 3000 3010 3018 3020 3114 3117
3133 3200 3219 3230 3237 3400 3611 3620 3631 3635 3639 3640 3646 3698 3900 3901 3903 3909 3915
3916 3919 3928 3936 3939 3949 3957 3959 3960 3966 3970 3975 3977 3989 3992 3995
""".split()  # noqa: SIM905
)
