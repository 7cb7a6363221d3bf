// What a program tells: by log calls of each severity, about a resource, for a moment only, and by its output streams.
import * as pulumi from "@pulumi/pulumi";
import { Thing } from "./testing";

const thing = new Thing("thing", { value: 1 });
void pulumi.log.debug("a debug line");
void pulumi.log.info("an info line");
void pulumi.log.warn("about the thing", thing);
void pulumi.log.info("only for a moment", thing, undefined, true);
console.log("on standard output");
console.error("on standard error");
console.log("two\nlines");
