# The project's commands. Everything they need is installed by scripts/setup.py.
PYTHON ?= python3
WEB := .venv/bin/python
DIALOGUE := .venv-dialogue/bin/python
export RASA_TELEMETRY_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run train test test-web test-dialogue check nlu-bench bench lock clean

help: ## Montre cette liste
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup:
	@$(PYTHON) scripts/setup.py web dialogue

setup-dev:
	@$(PYTHON) scripts/setup.py dev dialogue-dev

run: setup ## Installe, entraîne si besoin et démarre tout
	@$(WEB) -m bot run

train: setup ## Entraîne le modèle si quelque chose a changé
	@$(DIALOGUE) -m bot.rasa train

test: setup-dev check test-web test-dialogue ## Lance toutes les vérifications et tous les tests

check: setup-dev ## Style, types, règles d'import, démarches
	@$(WEB) -m ruff check .
	@$(WEB) -m ruff format --check .
	@$(WEB) -m mypy
	@.venv/bin/lint-imports
	@$(WEB) -m bot knowledge check

test-web: setup-dev ## Tests de l'environnement web (et du navigateur)
	@$(WEB) -m pytest tests --ignore tests/dialogue --ignore tests/live

test-dialogue: setup-dev ## Tests de l'environnement de dialogue, puis du service avec le vrai moteur
	@$(DIALOGUE) -m bot.rasa train
	@$(DIALOGUE) -m pytest tests/dialogue
	@$(WEB) -m pytest tests/live

nlu-bench: setup-dev ## Compare les classifieurs et écrit docs/nlu.md (EPOCHS=30 : DIET plus court)
	@$(DIALOGUE) -m bot.rasa nlu-bench $(if $(EPOCHS),--epochs $(EPOCHS))

bench: setup-dev ## Mesure le service contre un Rasa ordinaire (EPOCHS=5 : plus court)
	@$(WEB) -m bench $(if $(EPOCHS),--epochs $(EPOCHS))

lock: setup-dev ## Recalcule les listes de dépendances, avec leurs empreintes
	@cd requirements && for pair in dialogue:3.10 dialogue-dev:3.10 web:3.11 dev:3.11; do \
	  ../.venv/bin/uv pip compile -q --universal --python-version $${pair#*:} --generate-hashes \
	    --no-header --no-annotate $${pair%:*}.in -o $${pair%:*}.txt || exit 1; done

clean: ## Efface les environnements et les modèles (pas les données)
	rm -rf .venv .venv-dialogue var/models var/build
