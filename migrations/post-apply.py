"""Bring the objects under sql/ up to date; yoyo runs this after an apply."""

from yoyo import step

from stocksync.objects import sync

steps = [step(sync)]
