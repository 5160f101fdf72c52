"""The second font: letters that the Japanese one has not (Łukasz, Şimşek, Ωmega)."""

from font_source_sans_pro import font_files_otf

FONT_PATH = font_files_otf["SourceSansPro"]
# The Latin of the Japanese font is this one's, so much larger.
LARGER = 1.117
