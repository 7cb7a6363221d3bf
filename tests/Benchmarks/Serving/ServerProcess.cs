using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Reco.Benchmarks.Serving;

/// <summary>A server in a process of its own on a free loopback port: the scoring service, or its peer.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder errors = new();

    private ServerProcess(ProcessStartInfo start, string url)
    {
        Url = url;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(5) };
    }

    public string Url { get; }

    public HttpClient Client { get; }

    /// <summary>Time from the start of the process to its first answer that it is ready.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>Memory that the process holds now.</summary>
    public long ResidentBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>Processor time that it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Starts the scoring service on a bundle.</summary>
    public static Task<ServerProcess> ServiceAsync(string store, string model, params string[] settings)
    {
        var url = FreeUrl();
        var start = new ProcessStartInfo("dotnet", [ServiceProgram()]);
        start.Environment["ASPNETCORE_URLS"] = url;
        start.Environment["RECO_STORE"] = store;
        start.Environment["RECO_MODEL"] = model;
        start.Environment["RECO_DRAIN__DELAY"] = "00:00:00";
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            start.Environment[setting[..equals]] = setting[(equals + 1)..];
        }

        return StartAsync(start, url);
    }

    /// <summary>Starts the Node peer on a bundle's folder.</summary>
    public static Task<ServerProcess> PeerAsync(string bundle, string precision, int workers)
    {
        var url = FreeUrl();
        return StartAsync(new ProcessStartInfo("node", ["server.js", bundle, precision, url["http://127.0.0.1:".Length..], $"{workers}"]) { WorkingDirectory = PeerFolder() }, url);
    }

    /// <summary>Whether the peer's packages are installed.</summary>
    public static bool HasPeer() => Directory.Exists(Path.Combine(PeerFolder(), "node_modules", "onnxruntime-node"));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<ServerProcess> StartAsync(ProcessStartInfo start, string url)
    {
        var clock = Stopwatch.StartNew();
        var server = new ServerProcess(start, url);
        while (true)
        {
            try
            {
                using var response = await server.Client.GetAsync("/v2/health/ready");
                if (response.IsSuccessStatusCode)
                {
                    server.ReadyAfter = clock.Elapsed;
                    return server;
                }
            }
            catch (HttpRequestException) when (!server.process.HasExited && clock.Elapsed < TimeSpan.FromMinutes(5))
            {
                // It does not listen yet.
            }

            if (server.process.HasExited)
            {
                await server.process.WaitForExitAsync();
                throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} ended: {server.errors}");
            }

            await Task.Delay(5);
        }
    }

    private static string PeerFolder() => Path.Combine(BenchmarksFolder().FullName, "Serving", "peer");

    // As it is deployed: the copy beside the benchmarks has packages that are not compiled ahead.
    private static string ServiceProgram() => Path.Combine(BenchmarksFolder().Parent!.Parent!.FullName, "serving", "bin", "Release", "net10.0", "Reco.Scoring.dll");

    // .../tests/Benchmarks/bin/Release/net10.0/ -> .../tests/Benchmarks
    private static DirectoryInfo BenchmarksFolder() => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!;

    private static string FreeUrl()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
    }
}
