// Assets and archives: of text, of files, of folders, of each other; a change of content is a change.
import * as fs from "fs";
import * as pulumi from "@pulumi/pulumi";
import { Thing, step } from "./testing";

fs.writeFileSync("file.txt", step >= 1 ? "changed" : "content");
fs.mkdirSync("folder/below", { recursive: true });
fs.writeFileSync("folder/below/a.txt", step >= 2 ? "changed" : "content");
const text = new pulumi.asset.StringAsset("some text");
new Thing("text", { source: text });
new Thing("file", { source: new pulumi.asset.FileAsset("file.txt") });
new Thing("folder", { source: new pulumi.asset.FileArchive("folder") });
new Thing("mixed", {
    source: new pulumi.asset.AssetArchive({ "a.txt": text, "b/c.txt": new pulumi.asset.FileAsset("file.txt"), d: new pulumi.asset.FileArchive("folder") }),
    list: [new pulumi.asset.StringAsset("in a list")],
    hidden: pulumi.secret(new pulumi.asset.StringAsset("secret text of an asset")),
});
if (step === 3) {
    new Thing("absent", { source: new pulumi.asset.FileAsset("no-such-file.txt") });
}
