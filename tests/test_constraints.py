"""Hard constraints: which rows keep them, and which one gives way when nothing fits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint, relax, rows_allowed
from tests.made_up import constraint_lists, film, keeps, shelf, shelves

FILMS = shelf(
    film("old", ("Western",), ("dark",), 1952),
    film("new", ("comedy", "musical"), ("funny",), 1958),
    film("undated", ("comedy",)),
    film("bare"),
)


def allowed(*constraints: Constraint) -> list[str]:
    mask = rows_allowed(FILMS, constraints)
    return [item.id for item, kept in zip(FILMS, mask, strict=True) if kept]


def wanted(catalogue: Catalogue, *ids: str) -> np.ndarray:
    return np.array([not ids or item.id in ids for item in catalogue])


@pytest.mark.parametrize(
    ("operator", "value", "kept"),
    [
        ("$eq", "comedy", ["new", "undated"]),
        ("$eq", "western", ["old"]),
        ("$eq", "opera", []),
        ("$ne", "comedy", ["old", "bare"]),
        ("$ne", "opera", ["old", "new", "undated", "bare"]),
        ("$in", ("western", "musical"), ["old", "new"]),
        ("$in", (), []),
        ("$nin", ("western", "musical"), ["undated", "bare"]),
        ("$nin", (), ["old", "new", "undated", "bare"]),
    ],
)
def test_every_operator_holds_on_a_category(operator, value, kept):
    assert allowed(Constraint("genres", operator, value)) == kept


@pytest.mark.parametrize(
    ("operator", "value", "kept"),
    [
        ("$eq", 1952, ["old"]),
        ("$gt", 1952, ["new"]),
        ("$gte", 1952.0, ["old", "new"]),
        ("$lt", 1958, ["old"]),
        ("$lte", 1958, ["old", "new"]),
        ("$lt", 1900, []),
    ],
)
def test_every_operator_holds_on_a_number_and_an_unknown_number_fails(operator, value, kept):
    assert allowed(Constraint("year", operator, value)) == kept


def test_what_is_not_known_is_not_kept_out():
    assert allowed(Constraint("year", "$ne", 1952)) == ["new", "undated", "bare"]


def test_without_constraints_everything_is_allowed():
    assert allowed() == ["old", "new", "undated", "bare"]


def test_several_constraints_hold_together():
    assert allowed(Constraint("genres", "$eq", "comedy"), Constraint("year", "$gt", 1950)) == ["new"]


def test_an_unknown_facet_is_a_key_error_that_names_it():
    with pytest.raises(KeyError, match="colour"):
        allowed(Constraint("colour", "$eq", "red"))


@pytest.mark.parametrize(
    "constraint",
    [
        Constraint("year", "$gt", "late"),
        Constraint("year", "$in", ("1952",)),
        Constraint("genres", "$gt", "comedy"),
        Constraint("genres", "$eq", 7.0),
    ],
)
def test_a_condition_that_does_not_fit_its_facet_names_both(constraint):
    with pytest.raises(ValueError, match=f"'{constraint.facet}' is a .* does not fit"):
        allowed(constraint)


@given(shelves, constraint_lists)
def test_the_rows_allowed_are_those_that_keep_every_constraint(catalogue, constraints):
    expected = [all(keeps(item, constraint) for constraint in constraints) for item in catalogue]
    assert rows_allowed(catalogue, constraints).tolist() == expected


def test_nothing_is_given_up_while_something_fits():
    constraints = (Constraint("genres", "$eq", "comedy"), Constraint("year", "$gt", 1955))
    mask, given_up = relax(FILMS, constraints, wanted(FILMS))
    assert (mask.tolist(), given_up) == ([False, True, False, False], ())


def test_a_condition_on_what_to_have_gives_way_before_one_on_what_to_keep_out():
    keep_out, have = Constraint("genres", "$ne", "western"), Constraint("mood", "$eq", "dark")
    assert relax(FILMS, (keep_out, have), wanted(FILMS))[1] == (have,)
    assert relax(FILMS, (have, keep_out), wanted(FILMS))[1] == (have,)


def test_the_last_word_outlives_the_first():
    first, last = Constraint("genres", "$eq", "western"), Constraint("genres", "$eq", "musical")
    mask, given_up = relax(FILMS, (first, last), wanted(FILMS))
    assert (mask.tolist(), given_up) == ([False, True, False, False], (first,))


def test_a_constraint_that_stands_in_no_ones_way_is_kept():
    harmless, impossible = Constraint("genres", "$eq", "comedy"), Constraint("year", "$gt", 1990)
    assert relax(FILMS, (harmless, impossible), wanted(FILMS))[1] == (impossible,)


def test_a_harmless_constraint_is_kept_though_two_others_have_to_go():
    harmless = Constraint("genres", "$eq", "comedy")
    impossible = (Constraint("year", "$gt", 1990), Constraint("mood", "$eq", "solemn"))
    mask, given_up = relax(FILMS, (harmless, *impossible), wanted(FILMS))
    assert set(given_up) == set(impossible)
    assert mask.tolist() == [False, True, True, False]


def test_a_row_not_wanted_does_not_count_as_fitting():
    constraint = Constraint("genres", "$eq", "western")
    mask, given_up = relax(FILMS, (constraint,), wanted(FILMS, "new", "bare"))
    assert (mask.tolist(), given_up) == ([False, True, False, True], (constraint,))


relaxations = st.tuples(shelves, constraint_lists, st.sets(st.integers(0, 9), max_size=9))


@given(relaxations)
def test_every_row_allowed_keeps_what_is_kept_and_is_wanted(case):
    catalogue, constraints, unwanted = case
    want = np.array([row not in unwanted for row in range(len(catalogue))])
    mask, given_up = relax(catalogue, constraints, want)
    assert set(given_up) <= set(constraints)
    kept = [constraint for constraint in constraints if constraint not in given_up]
    expected = [want[row] and all(keeps(item, constraint) for constraint in kept) for row, item in enumerate(catalogue)]
    assert mask.tolist() == expected
    assert mask.any() or not want.any()


@given(shelves, constraint_lists)
def test_nothing_is_relaxed_when_something_fits(catalogue, constraints):
    if any(all(keeps(item, constraint) for constraint in constraints) for item in catalogue):
        assert relax(catalogue, constraints, wanted(catalogue))[1] == ()


@given(shelves, constraint_lists)
def test_only_as_many_are_given_up_as_needed(catalogue, constraints):
    _, given_up = relax(catalogue, constraints, wanted(catalogue))
    kept = [constraint for constraint in constraints if constraint not in given_up]
    for constraint in given_up:
        assert not rows_allowed(catalogue, [*kept, constraint]).any(), f"{constraint} need not have been given up"
