"""The tables of the log."""

import sqlalchemy as sql

metadata = sql.MetaData()
sessions = sql.Table(
    "sessions", metadata,
    sql.Column("id", sql.String(64), primary_key=True), sql.Column("user", sql.String(128), index=True),
    sql.Column("time", sql.Float),
)  # fmt: skip
events = sql.Table(
    "events", metadata,
    sql.Column("id", sql.String(128), primary_key=True), sql.Column("user", sql.String(128), index=True),
    sql.Column("item", sql.String(256)), sql.Column("kind", sql.String(16)), sql.Column("value", sql.Float),
    sql.Column("time", sql.Float), sql.Column("session", sql.String(64)), sql.Column("slate", sql.String(64)),
    sql.Column("position", sql.Integer),
)  # fmt: skip
turns = sql.Table(
    "turns", metadata,
    sql.Column("id", sql.String(64), primary_key=True), sql.Column("session", sql.String(64), index=True),
    sql.Column("user", sql.String(128), index=True), sql.Column("time", sql.Float), sql.Column("text", sql.Text),
    sql.Column("understanding", sql.Text), sql.Column("slate", sql.String(64)), sql.Column("words", sql.Text),
)  # fmt: skip
slates = sql.Table(
    "slates", metadata,
    sql.Column("id", sql.String(64), primary_key=True), sql.Column("session", sql.String(64), index=True),
    sql.Column("user", sql.String(128), index=True), sql.Column("time", sql.Float), sql.Column("items", sql.JSON),
)  # fmt: skip
chances = sql.Table(  # of slates whose last place was open to chance: how likely what stands there was to stand there
    "chances", metadata,
    sql.Column("id", sql.String(64), primary_key=True), sql.Column("user", sql.String(128), index=True),
    sql.Column("time", sql.Float), sql.Column("item", sql.String(256)), sql.Column("position", sql.Integer),
    sql.Column("propensity", sql.Float),
)  # fmt: skip
corrections = sql.Table(
    "corrections", metadata,
    sql.Column("id", sql.String(64), primary_key=True), sql.Column("user", sql.String(128), index=True),
    sql.Column("time", sql.Float), sql.Column("kind", sql.String(16)), sql.Column("target", sql.Text),
    sql.Column("weight", sql.Float),
)  # fmt: skip
questions = sql.Table(  # asked back after a turn, which has the same id
    "questions", metadata,
    sql.Column("id", sql.String(64), primary_key=True), sql.Column("session", sql.String(64), index=True),
    sql.Column("user", sql.String(128), index=True), sql.Column("time", sql.Float), sql.Column("facet", sql.String(128)),
)  # fmt: skip
dialogues = sql.Table(
    "dialogues", metadata,
    sql.Column("id", sql.String(300), primary_key=True), sql.Column("dialogue", sql.Text),
)  # fmt: skip
# what is held of users: shown, taken away and erased
personal = (sessions, turns, slates, events, corrections, chances, questions)
