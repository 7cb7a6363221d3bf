// A web server as Pulumi's examples have it: an autonamed ConfigMap, a Deployment that reads it, a Service before it.
import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";

const config = new pulumi.Config();
const options = { provider: new k8s.Provider("cluster", { context: "reco-local" }) };
const labels = { app: "web" };

const page = new k8s.core.v1.ConfigMap("page", {
    data: { "index.html": config.get("page") ?? "one" },
}, options);

const server = new k8s.apps.v1.Deployment("web", {
    spec: {
        selector: { matchLabels: labels },
        replicas: 1,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
            metadata: { labels },
            spec: {
                terminationGracePeriodSeconds: 5,
                containers: [{
                    name: "web",
                    image: "localhost/exec",
                    command: ["node", "-e", `
                        const { createServer } = require("http"), { readFileSync } = require("fs");
                        const server = createServer((request, answer) => answer.end(readFileSync(process.env.SITE + "/index.html")));
                        server.listen(8080, process.env.ADDRESS);
                        process.on("SIGTERM", () => server.close(() => process.exit(0)));`],
                    env: [{ name: "ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }, { name: "SITE", value: "/site" }],
                    ports: [{ name: "http", containerPort: 8080 }],
                    readinessProbe: { httpGet: { port: "http", path: "/" }, periodSeconds: 1, timeoutSeconds: 10 },
                    volumeMounts: [{ name: "site", mountPath: "/site" }],
                }],
                volumes: [{ name: "site", configMap: { name: page.metadata.name } }],
            },
        },
    },
}, options);

const service = new k8s.core.v1.Service("web", {
    spec: { selector: server.spec.selector.matchLabels, ports: [{ port: 8000, targetPort: "http" }] },
}, options);

export const url = pulumi.interpolate`http://${service.spec.clusterIP}:8000/index.html`;
export const pageName = page.metadata.name;
export const ready = server.status.readyReplicas;
