using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Networking;

/// <summary>Host names of the cluster's network: <c>service</c>, <c>service.namespace</c>, <c>service.namespace.svc</c>, and
/// <c>host.service...</c> of pods behind a headless service, all also with <c>.cluster.local</c>. An ordinary process cannot
/// change how this machine resolves names, so arguments and variables get addresses where they name hosts.</summary>
internal sealed partial class ClusterNames(ObjectStore store, AddressPool addresses)
{
    private const string Domain = ".cluster.local";
    private const string Services = ".svc";

    /// <summary>Replaces the names of services and pods in a text: full names (<c>….svc</c>) anywhere, shorter ones where only
    /// a host can stand: after <c>://</c>, or as the whole text, alone or before a port.</summary>
    public string Expand(string text, string space) => !MayName().IsMatch(text) ? text : HostName().Replace(text, match =>
    {
        var name = match.Value;
        var isFull = name.EndsWith(Services, StringComparison.Ordinal) || name.EndsWith(Services + Domain, StringComparison.Ordinal);
        var after = match.Index + match.Length;
        var isWhole = match.Index == 0 && ((after == text.Length && name.Contains('.', StringComparison.Ordinal)) || Port().IsMatch(text[after..]));
        var isUrl = match.Index >= 3 && text.AsSpan(0, match.Index).EndsWith("://");
        return (isFull || isWhole || isUrl) && Resolve(name, space) is { } address ? address : name;
    });

    /// <summary>Address of a host name as seen from a namespace; null where there is none.</summary>
    public string? Resolve(string name, string space)
    {
        name = name.EndsWith(Domain, StringComparison.Ordinal) ? name[..^Domain.Length] : name;
        name = name.EndsWith(Services, StringComparison.Ordinal) ? name[..^Services.Length] : name;
        return name.Split('.') switch
        {
            [var service] => Service(space, service),
            [var first, var second] => Service(second, first) ?? Host(space, second, first),
            [var host, var service, var at] => Host(at, service, host),
            _ => null,
        };
    }

    private string? Service(string space, string name)
    {
        if (store.Get(new ObjectKey(ResourceKinds.Service, space, name)) is not { } service)
        {
            return null;
        }

        if (service.Text("spec", "type") == "ExternalName")
        {
            return service.Text("spec", "externalName");
        }

        return IPAddress.TryParse(service.Text("spec", "clusterIP"), out _) ? service.Text("spec", "clusterIP") : Pods(space, service).FirstOrDefault().Text("status", "podIP");
    }

    private IEnumerable<JsonObject> Pods(string space, JsonObject service)
    {
        var selector = service.Map("spec", "selector");
        return selector.Count == 0 ? [] : store.List(ResourceKinds.Pod, space).Where(pod => Controllers.Owners.IsReady(pod) && pod.Map("metadata", "labels").Matches(selector));
    }

    /// <summary>Hosts of a headless service have addresses before they have pods, so that all of a group can be told the first.</summary>
    private string? Host(string space, string service, string host) =>
        store.Get(new ObjectKey(ResourceKinds.Service, space, service)) is { } found && found.Text("spec", "clusterIP") == "None" ? addresses.ForHost(space, service, host) : null;

    [GeneratedRegex(@"\.|:")]
    private static partial Regex MayName();

    [GeneratedRegex(@"(?<![A-Za-z0-9_./-])[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*(?![A-Za-z0-9_.-])|(?<=://)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*(?![A-Za-z0-9_.-])", RegexOptions.CultureInvariant)]
    private static partial Regex HostName();

    [GeneratedRegex(@"^:\d{1,5}(/|\z)")]
    private static partial Regex Port();
}
