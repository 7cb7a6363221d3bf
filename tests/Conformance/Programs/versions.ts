// Options that name a plugin's version and where it comes from make default providers of their own.
import { Thing } from "./testing";

new Thing("plain", { value: 1 });
new Thing("versioned", { value: 1 }, { version: "1.0.0" });
new Thing("downloaded", { value: 1 }, { version: "1.0.0", pluginDownloadURL: "https://plugins.example.com/" });
