// A stack whose outputs others use.
import * as pulumi from "@pulumi/pulumi";

export const open = { address: "shop.example.com", ports: [80, 443] };
export const hidden = pulumi.secret("between-stacks");
