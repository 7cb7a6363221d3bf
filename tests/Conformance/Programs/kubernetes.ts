// A namespace, a ConfigMap, a Secret and a Job on the embedded engine's local cluster.
import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";

const config = new pulumi.Config();
const provider = new k8s.Provider("cluster", { context: "reco-local" });
const options = { provider };

const space = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } }, options);
const namespace = space.metadata.name;

const settings = new k8s.core.v1.ConfigMap("settings", {
    metadata: { namespace },
    data: { greeting: config.getNumber("step") === 1 ? "good morning" : "hello" },
}, options);

const password = new k8s.core.v1.Secret("password", {
    metadata: { namespace },
    stringData: { value: pulumi.secret("hunter2") },
}, options);

const job = new k8s.batch.v1.Job("greet", {
    metadata: { namespace },
    spec: {
        backoffLimit: 0,
        template: {
            spec: {
                restartPolicy: "Never",
                containers: [{
                    name: "greet",
                    image: "localhost/exec",
                    command: ["/bin/sh", "-c", "echo \"$GREETING from $POD\""],
                    env: [
                        { name: "GREETING", valueFrom: { configMapKeyRef: { name: settings.metadata.name, key: "greeting" } } },
                        { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                    ],
                }],
            },
        },
    },
}, options);

export const settingsName = settings.metadata.name;
export const greeting = settings.data.apply(data => data["greeting"]);
export const succeeded = job.status.succeeded;
export const secretValue = pulumi.secret("hunter2");
export const passwordName = password.metadata.name;
