// Components: children below them, outputs, and a dependency on a component that waits for its children.
import * as pulumi from "@pulumi/pulumi";
import { Thing, step } from "./testing";

class Shop extends pulumi.ComponentResource {
    readonly address: pulumi.Output<string>;

    constructor(name: string, options?: pulumi.ComponentResourceOptions) {
        super("testing:index:Shop", name, {}, options);
        const slow = new Thing(`${name}-slow`, { delay: 300 }, { parent: this });
        this.address = new Thing(`${name}-front`, { value: slow.computed }, { parent: this }).computed;
        this.registerOutputs({ address: this.address, version: step });
    }
}

const shop = new Shop("shop");
new Thing("customer", { value: "waits" }, { dependsOn: [shop] });
export const address = shop.address;
