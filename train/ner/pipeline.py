"""The pipeline's shape: spaCy blank English, one NER component with its own small tok2vec CNN."""

from __future__ import annotations

from typing import Any

CONFIG = """
[model]
@architectures = "spacy.TransitionBasedParser.v2"
state_type = "ner"
extra_state_tokens = false
hidden_width = 64
maxout_pieces = 2
use_upper = true
nO = null

[model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[model.tok2vec.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = 96
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"]
rows = [5000, 1000, 2500, 2500, 50, 50]
include_static_vectors = false

[model.tok2vec.encode]
@architectures = "spacy.MaxoutWindowEncoder.v2"
width = 96
depth = 4
window_size = 1
maxout_pieces = 3
"""

# Stock English rules keep `Name:Ann`, `city=Paris`, `Ann|Bob` and the `\\n` of a JSON string glued
# to the name; these cut there.
INFIXES = [
    r"[.,:;!?](?=\\[ntr])",
    r"\\[ntr]",
    r"(?<=\S)[=|;<>{}\[\]()\"“”](?=\S)",
    r"(?<=[A-Za-z])[:/_](?=[A-Za-z])",
    r"(?<=\d),(?=[^\W\d])",
    r"(?<=[^\W\d]),(?=\S)",
]
PREFIXES = [r"\\[ntr]", r"[=|;<>@_/:+]"]
SUFFIXES = [r"\\[ntr]", r"[=|;<>_/]"]


def blank(labels: tuple[str, ...]) -> Any:
    """An untrained pipeline with our tokenizer cuts and one "ner" component."""
    import spacy
    from spacy import util
    from thinc.api import Config

    nlp = spacy.blank("en")
    defaults = nlp.Defaults
    nlp.tokenizer.infix_finditer = util.compile_infix_regex([*defaults.infixes, *INFIXES]).finditer
    nlp.tokenizer.prefix_search = util.compile_prefix_regex([*defaults.prefixes, *PREFIXES]).search
    nlp.tokenizer.suffix_search = util.compile_suffix_regex([*defaults.suffixes, *SUFFIXES]).search
    ner = nlp.add_pipe("ner", config=Config().from_str(CONFIG))
    for label in labels:
        ner.add_label(label)
    return nlp
