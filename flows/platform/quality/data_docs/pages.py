"""The site that Great Expectations writes its Data Docs with, and how a page looks.

Its own pages load scripts, styles, fonts and pictures from other hosts. These hold their style and
script, so they are whole in a folder, in S3 and in the app, and they forbid everything else: what
a delivered value holds is shown, never run, and nothing outside is asked.

Great Expectations imports this module by name; importing it takes seconds.
"""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from great_expectations.render.renderer.site_builder import SiteBuilder
from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import BytecodeCache, ChoiceLoader, FileSystemLoader, pass_context
from jinja2.bccache import Bucket

_OURS = ("validations/", "static/")
_HERE = Path(__file__).parent
# No pages of suites are written: a suite lives in the contract.
_LINK_TO_SUITE = re.compile(r'<a href="[./]*expectations/[^"]*"[^>]*>(.*?)</a>')


class _Compiled(BytecodeCache):
    """Templates that this process has compiled: half of what pages cost, in each run of many."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled; Jinja compiles what has changed since."""
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class SelfContainedSite(SiteBuilder):
    """A site of pages alone: without Great Expectations' pictures and fonts, 3.6 MB a run."""

    def build(self, resource_identifiers: Any = None, build_index: bool = True) -> Any:
        """Write the pages (only those of these results, if given) and the index.

        Writing all of them deletes what no index leads to: old pages, and pictures of before.
        """
        files = self.target_store.store_backends["static_assets"]
        # Listed first: another run may add its pages meanwhile.
        unused = {} if resource_identifiers else {"/".join(key): key for key in files.list_keys()}
        for section in self.site_section_builders.values():
            section.build(resource_identifiers=resource_identifiers)
        _, links = self.site_index_builder.build(build_index=build_index)
        used = {unquote(link["filepath"]) for link in links.get("validations_links", ())}
        for path, key in unused.items():
            if path.startswith(_OURS) and path not in used:
                files.remove_key(key)
        return self.get_resource_url(only_if_exists=False), links


class SelfContainedPage(DefaultJinjaPageView):
    """The index, or the page of a validation result, from the templates beside this file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.env.bytecode_cache = _COMPILED
        self.env.loader = ChoiceLoader(
            [FileSystemLoader(_HERE / "templates"), *filter(None, [self.env.loader])]
        )
        script = (_HERE / "templates" / "script.js").read_text(encoding="utf-8")
        self.env.globals["script"] = script
        self.env.globals["script_hash"] = b64encode(sha256(script.encode()).digest()).decode()

    def render(self, document: Any, template: Any = None, **options: Any) -> str:
        """Return the page as HTML."""
        theirs: Any = super()
        page: str = theirs.render(document, template, **options)
        return _LINK_TO_SUITE.sub(r"\1", page)

    @pass_context
    def render_content_block(self, context: Any, block: Any, *rest: Any, **options: Any) -> Any:
        """Return a block as HTML; a plain text may be a delivered value, so it is escaped."""
        if isinstance(block, str):
            return escape(block)
        return super().render_content_block(context, block, *rest, **options)
