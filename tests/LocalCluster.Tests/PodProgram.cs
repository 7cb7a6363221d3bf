using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Reco.LocalCluster.Tests;

/// <summary>What the tests' pods run: this very assembly, with a verb.</summary>
internal static class PodProgram
{
    /// <summary>Command of a container that runs a verb.</summary>
    public static List<string> Command(params string[] arguments) => ["dotnet", typeof(PodProgram).Assembly.Location, .. arguments];

    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["serve", var address, var port, var version]:
                await ServeAsync(IPAddress.Parse(address), int.Parse(port), version);
                return 0;
            case ["hog", var megabytes]:
                var memory = new byte[int.Parse(megabytes) << 20];
                Array.Fill(memory, (byte)1);
                await Task.Delay(TimeSpan.FromMinutes(5));
                return memory[0];
            case ["get", var url, var tokenFile, var authorityFile]:
                Console.WriteLine(await GetAsync(new Uri(url), await File.ReadAllTextAsync(tokenFile), await File.ReadAllTextAsync(authorityFile)));
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>A server as .NET has it: on SIGTERM it answers what it has begun, and closes.</summary>
    private static async Task ServeAsync(IPAddress address, int port, string version)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(address, port));
        var web = builder.Build();
        web.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await Task.Delay(5);
            await context.Response.WriteAsync(version);
        });
        await web.RunAsync();
    }

    private static async Task<int> GetAsync(Uri url, string token, string authority)
    {
        using var trusted = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(authority);
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, chain, _) =>
            {
                chain!.ChainPolicy.TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck;
                chain.ChainPolicy.CustomTrustStore.Add(trusted);
                return chain.Build(certificate!);
            },
        };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var answer = await http.GetAsync(url);
        return (int)answer.StatusCode;
    }
}
