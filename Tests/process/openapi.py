"""/api-docs against the specification of OpenAPI, by the validator that others use (PyPI: openapi-spec-validator)."""

from weirtest import *


def test():
    with serving("--sflow-port", "0") as server:
        document = server.json("/api-docs")
        equal("OpenAPI 3.1", document["openapi"][:3], "3.1")
        for path, operations in document["paths"].items():
            target = path
            for parameter in operations["get"].get("parameters", []):
                if parameter.get("in") == "path":
                    check(f"{path}: {parameter['name']} has an example", "example" in parameter)
                    target = target.replace("{" + parameter["name"] + "}", parameter.get("example", "x"))
            status = server.ask(target).status
            check(f"GET {target} answers as described", str(status) in operations["get"]["responses"], status)
        try:
            from openapi_spec_validator import validate
        except ImportError:
            return skip("the validator", "openapi-spec-validator is not installed (pip install openapi-spec-validator)")
        try:
            validate(document)
            check("the validator finds nothing wrong", True)
        except Exception as error:
            check("the validator finds nothing wrong", False, error)


if __name__ == "__main__":
    main(test)
