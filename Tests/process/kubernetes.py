"""What k8s/ builds: every overlay against the schemas of every version of Kubernetes that the validator has, what no schema
knows (selectors, ports, security, service links), and each container's arguments as the real binary checks them."""

import re
import shutil

from weirtest import *

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "k8s"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weir"
OLDEST = (1, 25)
# What the pods of ordinary roles must not have: "restricted" of the pod security standards.
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def tool(name):
    """A program on the path, or unpacked into the cache by Tests/run.sh."""
    unpacked = CACHE / name / "bin" / name
    return shutil.which(name) or (str(unpacked) if unpacked.exists() else None)


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def read(validator, text):
    """The objects of YAML text, read by the Python that the validator has its YAML parser for."""
    python = pathlib.Path(validator).resolve().parent / "python3"
    interpreter = str(python) if python.exists() else sys.executable
    done = run(interpreter, "-c", "import json, sys, yaml; print(json.dumps([o for o in yaml.safe_load_all(sys.stdin) if o]))",
               input=text)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def versions(validator):
    """Those that the validator has schemas for, from the oldest that is supported to its newest: one of each minor version."""
    newest = re.search(r"Defaults to (\d+)\.(\d+)", run(validator, "--help").stdout)
    return [f"{OLDEST[0]}.{minor}" for minor in range(OLDEST[1], int(newest[2]) + 1)]


def schemas(validator, folder, outputs):
    for name, text in outputs.items():
        (folder / f"{name}.yaml").write_text(text)
    files = [str(folder / f"{name}.yaml") for name in outputs]
    known = versions(validator)
    check("there are schemas of several versions", len(known) > 5, known)
    for version in known:
        done = run(validator, "--strict", "--quiet", "-k", version, *files)
        check(f"Kubernetes {version}: all {len(files)} outputs pass", done.returncode == 0, (done.stdout + done.stderr)[-600:])


def pods(objects):
    """Templates with the object that they are of."""
    return [(o, o["spec"]["template"]) for o in objects if o["kind"] in ("Deployment", "StatefulSet", "DaemonSet")]


def matches(selector, labels):
    return bool(selector) and selector.items() <= labels.items()


def selectors(name, objects):
    templates = pods(objects)
    for owner, template in templates:
        check(f"{name}: {owner['metadata']['name']} selects its own pods",
              matches(owner["spec"]["selector"]["matchLabels"], template["metadata"]["labels"]))
        others = [o["metadata"]["name"] for o, t in templates
                  if o is not owner and matches(owner["spec"]["selector"]["matchLabels"], t["metadata"]["labels"])]
        equal(f"{name}: {owner['metadata']['name']} selects no other's", others, [])
    for one in objects:
        spec = one.get("spec", {})
        selector = {"Service": lambda: spec["selector"], "PodDisruptionBudget": lambda: spec["selector"]["matchLabels"],
                    "NetworkPolicy": lambda: spec["podSelector"]["matchLabels"]}.get(one["kind"])
        if not selector:
            continue
        chosen = [t for _, t in templates if matches(selector(), t["metadata"]["labels"])]
        check(f"{name}: {one['kind']} {one['metadata']['name']} selects pods", chosen)
        if one["kind"] == "Service":
            named = {port["name"] for t in chosen for c in t["spec"]["containers"] for port in c.get("ports", [])}
            wanted = {port["targetPort"] for port in spec["ports"] if isinstance(port["targetPort"], str)}
            check(f"{name}: Service {one['metadata']['name']}: its ports are there", wanted <= named, (wanted, named))


def security(name, objects):
    for owner, template in pods(objects):
        spec, what = template["spec"], f"{name}: {owner['metadata']['name']}"
        check(f"{what}: no WEIR_… variables from services", spec.get("enableServiceLinks") is False)
        if owner["metadata"]["namespace"] != "weir":
            continue
        check(f"{what}: is nobody's root", spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 0)
        equal(f"{what}: system calls", spec["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        for container in spec["containers"]:
            equal(f"{what}: restricted", container["securityContext"], RESTRICTED)
            check(f"{what}: asks for what it needs", {"requests", "limits"} <= container["resources"].keys())


def arguments(name, objects):
    """The real binary reads what each container is given."""
    values = {"metadata.name": "pod-0", "status.podIP": "192.0.2.1"}
    for owner, template in pods(objects):
        for container in template["spec"]["containers"]:
            if container["image"].split(":")[0] != "weir":
                continue
            given = {}
            for variable in container.get("env", []):
                source = variable.get("valueFrom", {})
                given[variable["name"]] = variable.get("value") or (
                    values[source["fieldRef"]["fieldPath"]] if "fieldRef" in source else "1")
            words = [re.sub(r"\$\((\w+)\)", lambda match: given[match[1]], word) for word in container["args"]]
            done = run(weir(), *words, "--check", env={**os.environ, **given}, cwd="/")
            # The folder of a volume is not there when no pod is.
            check(f"{name}: {owner['metadata']['name']}: weir takes its arguments",
                  done.returncode == 0 or "/data" in done.stderr, done.stderr)


def test():
    kubectl, validator = tool("kubectl"), tool("kubernetes-validate")
    if not kubectl:
        return skip("k8s", "no kubectl on the path")
    folders = [FOLDER / "base", *sorted((FOLDER / "overlays").iterdir())]
    outputs = {}
    for folder in folders:
        done = run(kubectl, "kustomize", str(folder))
        check(f"{folder.name}: kustomize builds it", done.returncode == 0 and done.stdout, done.stderr)
        equal(f"{folder.name}: without complaint", done.stderr, "")
        outputs[folder.name] = done.stdout
    if not validator:
        return skip("k8s: schemas and the rest", "no kubernetes-validate on the path (PyPI)")
    with temporary_directory() as directory:
        schemas(validator, pathlib.Path(directory), outputs)
    for name, text in outputs.items():
        objects = read(validator, text)
        selectors(name, objects)
        security(name, objects)
        arguments(name, objects)


if __name__ == "__main__":
    main(test)
