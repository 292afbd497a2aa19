"""Slides: the charts of a study as images and tables, and one deck whose charts can be edited.

The deck needs python-pptx and no browser; the images, and the pictures of charts that have no editable
form, need kaleido and Chrome or Chromium. The same study gives the same bytes.
"""

from trends.slides._export import IMAGES, MANIFEST, ImagesWarning, export, refuse, without_images

__all__ = ["IMAGES", "MANIFEST", "ImagesWarning", "export", "refuse", "without_images"]
