// A Job that fails where the configuration says so.
import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";

const config = new pulumi.Config();
const options = { provider: new k8s.Provider("cluster", { context: "reco-local" }) };

const before = new k8s.core.v1.ConfigMap("before", { data: { a: "b" } }, options);
const job = new k8s.batch.v1.Job("train", {
    spec: {
        backoffLimit: 0,
        template: {
            spec: {
                restartPolicy: "Never",
                containers: [{ name: "train", image: "localhost/exec", command: ["/bin/sh", "-c", `echo epoch 1; echo ${config.get("last") ?? "data set is empty"}; exit ${config.get("code") ?? "3"}`] }],
            },
        },
    },
}, { ...options, dependsOn: before });

export const succeeded = job.status.succeeded;
