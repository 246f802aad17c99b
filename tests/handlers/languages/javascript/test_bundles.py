"""What of a bundle is read as a package's: told by paths, or by what no minifier changes."""

import pytest

from cfnlint_eda_rules.handlers.languages.javascript import bundles, parser
from cfnlint_eda_rules.handlers.languages.javascript.bundles import Library

COMMON = (
    "var c=(e,t)=>()=>{try{return t||e((t={exports:{}}).exports,t),t.exports}catch(r){throw r}};"
)
BUILT = 'var b=k(p,"AmazonSQS","SQSClient",q);'
CASES = {
    "a path as the key": (
        f'{COMMON}var a=c({{"node_modules/@aws-sdk/client-s3/dist-cjs/index.js"(e){{}}}});',
        Library("npm:@aws-sdk/client-s3/dist-cjs/index.js", wrapped=True),
    ),
    "a comment above": (
        "// node_modules/hono/dist/hono.js\nvar Hono2 = class extends Base {};",
        Library("npm:hono/dist/hono.js", "Hono"),
    ),
    "names of exports": (
        f"{COMMON}var a=c(e=>{{e.SNSClient=class{{}},e.PublishCommand=class{{}}}});",
        Library("npm:@aws-sdk/client-sns", wrapped=True),
    ),
    "a module that hands another on": (
        f"{COMMON}var a=c(e=>{{e.SQSClient=class{{}}}}),d=c((e,t)=>{{t.exports=a()}});",
        Library("npm:@aws-sdk/client-sqs", wrapped=True),
    ),
    "a service of version 2": (
        f'{COMMON}var a=c((e,t)=>{{t.exports=s.defineService("sqs",["2012-11-05"])}});',
        Library("npm:aws-sdk/clients/sqs", wrapped=True),
    ),
    "a command with its schema": (
        f'/*node_modules/*/{BUILT}class a extends b(c,d,"SendMessage",e){{}}',
        Library("npm:@aws-sdk/client-sqs", "SendMessageCommand"),
    ),
    "a command with its serializers": (
        '/*node_modules/*/class a extends f.classBuilder().ep(x).s("AmazonS3","PutObject",{})'
        '.n("S3Client","PutObjectCommand").f().build(){}',
        Library("npm:@aws-sdk/client-s3", "PutObjectCommand"),
    ),
    "a command with its own middleware": (
        "/*node_modules/*/class a extends f{resolveMiddleware(e,t,r){let "
        'n={logger:l,clientName:"SNSClient",commandName:"PublishCommand"};return n}}',
        Library("npm:@aws-sdk/client-sns", "PublishCommand"),
    ),
    "a page after the other": (
        f'/*node_modules/*/{BUILT}class a extends b(c,d,"ListQueues",e){{}}'
        'var g=h(S,a,"NextToken","NextToken","MaxResults");',
        Library("npm:@aws-sdk/client-sqs", "paginateListQueues"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=list(CASES))
def test_a_package_is_told(text: str, expected: Library) -> None:
    found = _recognised(text)

    assert found is not None
    assert list(found.inlined.values())[-1] == expected


def test_code_of_no_bundle_is_left_alone() -> None:
    assert _recognised("class A extends b(c, d, 'Put', e) {}\nexports.handler = () => 1;\n") is None


def test_only_what_the_exports_lead_to_is_read_of_a_large_bundle() -> None:
    unused = "".join(f"var u{i}=()=>v{i}(`{'x' * 900}`);" for i in range(80))
    text = f"/*node_modules/*/{unused}var a=()=>b();function b(){{}}export{{a as handler}};"

    found = _recognised(text)

    assert found is not None
    assert len(found.dropped) == 80


def test_denser_texts_than_bundles_are_not_parsed() -> None:
    with pytest.raises(ValueError, match="more than a bundle has"):
        parser.parse("index.js", "/*node_modules/*/" + "a(b,c);" * 200_000)


def _recognised(text: str) -> bundles.Bundle | None:
    encoded = text.encode()
    return bundles.recognise(parser._root("javascript", encoded), encoded, text)


@pytest.mark.parametrize(
    ("path", "much"),
    [
        ("src/orders.js", True),
        ("src/orders.json", False),
        ("node_modules/orders/index.js", False),
    ],
)
def test_no_program_has_megabytes_of_its_own(path: str, much: bool) -> None:
    module = f"// {path}\n" + "x = f(x); " * 40 + "\n"
    packages = '// node_modules/a/index.js\nvar require_a = __commonJS({"a"() {}});\n'
    assert bundles.too_much_of_its_own(packages + module * 6_000) is much
    assert not bundles.too_much_of_its_own(packages + module * 600)


def test_a_large_text_that_is_no_bundle_is_no_program() -> None:
    assert bundles.too_much_of_its_own("function f(x) { return x + 1; }\n" * 70_000)
    assert not bundles.too_much_of_its_own("function f(x){return x+1}" * 90_000)
