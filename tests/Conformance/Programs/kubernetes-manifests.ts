// Manifests: both generations of ConfigGroup, a patch of what another resource makes, and a Helm release.
import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";

const config = new pulumi.Config();
const provider = new k8s.Provider("cluster", { context: "reco-local" });
const options = { provider };

const first = new k8s.yaml.ConfigGroup("first", {
    yaml: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-first\ndata:\n  a: '1'\n",
}, { provider });

const second = new k8s.yaml.v2.ConfigGroup("second", {
    yaml: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-second\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: hidden\nstringData:\n  k: hunter2\n",
}, { provider });

const whole = new k8s.core.v1.ConfigMap("whole", { metadata: { name: "whole" }, data: { a: "1" } }, options);
const patch = new k8s.core.v1.ConfigMapPatch("extra", { metadata: { name: whole.metadata.name }, data: { b: "2" } }, options);

if (config.getBoolean("helm")) {
    new k8s.helm.v3.Release("monitoring", { chart: "kube-prometheus-stack", repositoryOpts: { repo: "https://charts.invalid" } }, options);
}

export const patched = patch.data;
