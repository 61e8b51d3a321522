"""Structured logs: one event a line, for a person's console or as JSON for a collector."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import structlog


def configure(form: Literal["console", "json"], *, quiet: bool = False) -> None:
    """
    Send events to standard error in one form; `quiet` lets only warnings through, for a command that prints its own.

    A trace is told without the values of its variables: tokens and subjects' data are among them.
    """
    plain = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else plain
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
