using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Reco.Scoring.Tests.Page;

/// <summary>A test that needs Chromium; passed over, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Chromium.Program is null)
        {
            Skip = "Chromium is not installed (Debian: apt-get install chromium)";
        }
    }
}

/// <summary>A headless Chromium with one page, driven over its DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly string profile;
    private readonly ClientWebSocket socket = new();
    private int calls;

    private Chromium(Process process, string profile)
    {
        this.process = process;
        this.profile = profile;
    }

    public static string? Program { get; } = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    public static async Task<Chromium> OpenAsync(Uri page)
    {
        var profile = Directory.CreateTempSubdirectory("reco-chromium-").FullName;
        var start = new ProcessStartInfo(Program!,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--remote-debugging-port=0", $"--user-data-dir={profile}", page.ToString(),
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        var browser = new Chromium(Process.Start(start)!, profile);
        browser.process.BeginErrorReadLine();
        browser.process.BeginOutputReadLine();
        try
        {
            await browser.ConnectAsync(page);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<string> EvaluateAsync(string expression) =>
        (await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true }))["result"]!["value"]?.ToString() ?? "";

    /// <summary>Types as a person does: into the field that has the focus.</summary>
    public async Task TypeAsync(string field, string text)
    {
        await EvaluateAsync($"document.getElementById('{field}').focus(); document.getElementById('{field}').select()");
        await CallAsync("Input.insertText", new JsonObject { ["text"] = text });
    }

    public async Task PressEnterAsync()
    {
        foreach (var type in new[] { "keyDown", "keyUp" })
        {
            await CallAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = type, ["key"] = "Enter", ["code"] = "Enter", ["windowsVirtualKeyCode"] = 13, ["text"] = type == "keyDown" ? "\r" : "" });
        }
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    public async Task UntilAsync(string expression)
    {
        var end = Stopwatch.StartNew();
        while (await EvaluateAsync($"Boolean({expression})") != "true")
        {
            Assert.True(end.Elapsed < Limit, $"{expression} did not come true; the page says: {await EvaluateAsync("document.body.innerText")}");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        for (var attempt = 0; Directory.Exists(profile); attempt++)
        {
            try
            {
                Directory.Delete(profile, recursive: true);
            }
            catch (IOException) when (attempt < 50)
            {
                // A child process is still writing.
                await Task.Delay(100);
            }
        }
    }

    private async Task ConnectAsync(Uri page)
    {
        var file = Path.Combine(profile, "DevToolsActivePort");
        var end = Stopwatch.StartNew();
        while (!File.Exists(file) || (await File.ReadAllLinesAsync(file)).Length < 1)
        {
            Assert.False(process.HasExited, "Chromium ended at once");
            Assert.True(end.Elapsed < Limit, "Chromium did not start within a minute");
            await Task.Delay(50);
        }

        var port = (await File.ReadAllLinesAsync(file))[0];
        using var http = new HttpClient();
        while (true)
        {
            var targets = JsonNode.Parse(await http.GetStringAsync($"http://127.0.0.1:{port}/json"))!.AsArray();
            if (targets.FirstOrDefault(target => (string)target!["type"]! == "page" && ((string)target["url"]!).StartsWith(page.ToString(), StringComparison.Ordinal)) is { } target)
            {
                await socket.ConnectAsync(new Uri((string)target["webSocketDebuggerUrl"]!), CancellationToken.None);
                return;
            }

            Assert.True(end.Elapsed < Limit, "the page did not open within a minute");
            await Task.Delay(50);
        }
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        using var limit = new CancellationTokenSource(Limit);
        var id = ++calls;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, limit.Token);
        while (true)
        {
            using var text = new MemoryStream();
            var buffer = new byte[8192];
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
                text.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            var answer = JsonNode.Parse(text.ToArray())!;
            if ((int?)answer["id"] == id)
            {
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer["error"]}");
            }
        }
    }
}
