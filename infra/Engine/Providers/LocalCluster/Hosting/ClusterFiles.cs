using System.Text.Json;
using Reco.LocalCluster.Security;

namespace Reco.LocalCluster.Hosting;

/// <summary>Files by which clients find the cluster.</summary>
internal static class ClusterFiles
{
    /// <summary>Name of the context, cluster and user in the kubeconfig.</summary>
    public const string ContextName = "reco-local";

    /// <summary>Writes <c>daemon.json</c> and <c>admin.kubeconfig</c>.</summary>
    public static void Write(string state, Uri server, Pki pki, Tokens tokens)
    {
        var authority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pki.AuthorityPem));
        WritePrivate(Path.Combine(state, "admin.kubeconfig"), $"""
            apiVersion: v1
            kind: Config
            current-context: {ContextName}
            clusters:
            - name: {ContextName}
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {authority}
            users:
            - name: {ContextName}
              user:
                token: {tokens.Admin}
            contexts:
            - name: {ContextName}
              context:
                cluster: {ContextName}
                user: {ContextName}

            """);
        WritePrivate(Path.Combine(state, "daemon.json"), JsonSerializer.Serialize(new { pid = Environment.ProcessId, address = server.GetLeftPart(UriPartial.Authority) }));
    }

    /// <summary>Port that the API server had last, so that running pods find it again; zero for any.</summary>
    public static int LastPort(string state) =>
        File.Exists(PortFile(state)) && int.TryParse(File.ReadAllText(PortFile(state)), out var port) && port is > 0 and < 65_536 ? port : 0;

    /// <summary>Remembers the port.</summary>
    public static void KeepPort(string state, int port) => WritePrivate(PortFile(state), $"{port}");

    private static string PortFile(string state) => Path.Combine(state, "port");

    private static void WritePrivate(string file, string text)
    {
        using (var stream = new FileStream(file + ".new", new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        File.Move(file + ".new", file, overwrite: true);
    }
}
