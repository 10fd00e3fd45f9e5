"""The choice of a recipe: what each one is and takes, before anything is started."""

from __future__ import annotations

import streamlit as st

import plain
from jointbert.annotation import Project, recipes_for


def choose_recipe(project: Project, key: str) -> str:
    """The name of the chosen recipe, of those for the project's language.

    Args:
        project: Whose language it is.
        key: Sets this choice apart from another on the same page.
    """
    offered = {recipe.name: recipe for recipe in recipes_for(project.info().language)}
    name: str = st.radio(
        "Recipe",
        list(offered),
        format_func=lambda name: offered[name].title,
        captions=[recipe.about for recipe in offered.values()],
        key=f"recipe_{key}",
    )
    with st.expander("The settings behind it, for engineers"):
        st.code(plain.showable(offered[name].yaml), language="yaml")
    return name
