"""oci.py OUT CONFIG LAYER...: an OCI image as one tar archive (image-spec image-layout.md).
CONFIG is the JSON of its part "config"; layers are tar archives, with .gz or .zst as their
names say."""
import hashlib
import io
import json
import subprocess
import sys
import tarfile

TYPE = "application/vnd.oci.image."


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def unpacked(path, data):
    if path.endswith(".gz"):
        return subprocess.run(["gzip", "-dc"], input=data, capture_output=True, check=True).stdout
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=True).stdout
    return data


def layer_type(path):
    for suffix, kind in ((".gz", "+gzip"), (".zst", "+zstd")):
        if path.endswith(suffix):
            return TYPE + "layer.v1.tar" + kind
    return TYPE + "layer.v1.tar"


class Image:
    def __init__(self):
        self.blobs = {}

    def add(self, data, kind):
        self.blobs[sha256(data)] = data
        return {"mediaType": kind, "digest": sha256(data), "size": len(data)}

    def add_json(self, value, kind):
        return self.add(json.dumps(value).encode(), kind)


def main(out, config, *layers):
    image = Image()
    descriptors, diff_ids = [], []
    for path in layers:
        with open(path, "rb") as file:
            data = file.read()
        descriptors.append(image.add(data, layer_type(path)))
        diff_ids.append(sha256(unpacked(path, data)))
    made = image.add_json({"architecture": "amd64", "os": "linux", "config": json.loads(config),
                           "rootfs": {"type": "layers", "diff_ids": diff_ids}},
                          TYPE + "config.v1+json")
    manifest = image.add_json({"schemaVersion": 2, "config": made, "layers": descriptors},
                              TYPE + "manifest.v1+json")
    members = [("blobs/" + digest.replace(":", "/"), data) for digest, data in image.blobs.items()]
    members.append(("index.json", json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode()))
    members.append(("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'))
    with tarfile.open(out, "w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


main(*sys.argv[1:])
