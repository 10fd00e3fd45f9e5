"""The choice of a recipe: what each one is and takes, before anything is started."""

from __future__ import annotations

import streamlit as st

from jointbert.annotation import RECIPES, Project


def choose_recipe(project: Project, key: str) -> str:
    """The name of the chosen recipe, of those for the project's language.

    Args:
        project: Whose language it is.
        key: Sets this choice apart from another on the same page.
    """
    language = project.info().language
    lacking = {name: recipe.missing(language) for name, recipe in RECIPES.items() if language in recipe.texts}
    offered = [name for name in lacking if lacking[name] is None]
    name: str = st.radio(
        "Recipe",
        offered,
        format_func=lambda name: RECIPES[name].title,
        captions=[RECIPES[name].about for name in offered],
        key=f"recipe_{key}",
        persist_state="session",
    )
    for absent in (name for name in lacking if name not in offered):
        st.caption(f"Not on this machine: {RECIPES[absent].title}. {lacking[absent]}")
    with st.expander("The settings behind it, for engineers"):
        st.code(RECIPES[name].yaml(language), language="yaml")
        st.caption("With few utterances it takes smaller batches and more epochs, up to eight times as many.")
    return name
