"""Links from docs/ to other files of the repository lead to GitHub on the site.

On GitHub they work as they are; the site has only what lies below docs/. The test of links in
internal/docs sees to it that the files exist.
"""
import os
import posixpath
import re

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown, page, config, files):
    here = posixpath.dirname(page.file.src_path.replace(os.sep, "/"))
    root = os.path.dirname(config["config_file_path"])

    def lead(match):
        target = posixpath.normpath(posixpath.join("docs", here, match.group(1)))
        path = os.path.join(root, *target.split("/"))
        if target.startswith("docs/") and os.path.isfile(path):
            return match.group(0)
        kind = "tree" if os.path.isdir(path) else "blob"
        return "](%s/%s/main/%s%s)" % (config["repo_url"].rstrip("/"), kind, target, match.group(2) or "")

    return LINK.sub(lead, markdown)
