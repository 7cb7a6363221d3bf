using Pulumi;
using Pulumi.AzureNative.Monitor;
using Pulumi.AzureNative.Monitor.Inputs;

namespace Reco.Infra.Components.Azure;

/// <summary>Tells the cluster's agents what to collect, and where it goes: agents that act as an identity send nothing without a
/// rule that is associated with their cluster.</summary>
internal static class DataCollection
{
    private const string LogsDestination = "logs";
    private const string MetricsDestination = "workspace";

    /// <summary>Events and inventory of the cluster.</summary>
    private static readonly string[] Inventory =
    [
        "Microsoft-KubeEvents", "Microsoft-KubePodInventory", "Microsoft-KubeNodeInventory", "Microsoft-KubeServices", "Microsoft-KubePVInventory", "Microsoft-ContainerInventory",
        "Microsoft-ContainerNodeInventory", "Microsoft-KubeMonAgentEvents", "Microsoft-InsightsMetrics", "Microsoft-Perf",
    ];

    /// <summary>Events and inventory, and by choice what containers write, to Log Analytics.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="logsId">ID of the Log Analytics workspace.</param>
    /// <param name="containerLogs">Whether what containers write is kept, too.</param>
    /// <param name="child">Options of what is made.</param>
    public static void Logs(AzureEnvironment environment, AzureCluster cluster, Input<string> logsId, bool containerLogs, CustomResourceOptions child)
    {
        string[] streams = containerLogs ? ["Microsoft-ContainerLogV2", .. Inventory] : Inventory;
        var rule = new DataCollectionRule("cluster-insights", new DataCollectionRuleArgs
        {
            DataCollectionRuleName = environment.NameOf("dcr-insights"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Kind = KnownDataCollectionRuleResourceKind.Linux,
            DataSources = new DataCollectionRuleDataSourcesArgs
            {
                Extensions =
                {
                    new ExtensionDataSourceArgs
                    {
                        Name = "ContainerInsightsExtension",
                        ExtensionName = "ContainerInsights",
                        ExtensionSettings = new Dictionary<string, object>
                        {
                            ["dataCollectionSettings"] = new Dictionary<string, object> { ["interval"] = "1m", ["namespaceFilteringMode"] = "Off", ["enableContainerLogV2"] = true },
                        },
                        Streams = [.. streams],
                    },
                },
            },
            Destinations = new DataCollectionRuleDestinationsArgs { LogAnalytics = { new LogAnalyticsDestinationArgs { Name = LogsDestination, WorkspaceResourceId = logsId } } },
            DataFlows = { new DataFlowArgs { Streams = [.. streams], Destinations = { LogsDestination } } },
            Tags = environment.Tags,
        }, child);
        // The agent looks for these very names.
        Associate("cluster-insights-association", "ContainerInsightsExtension", cluster, rule, child);
    }

    /// <summary>What the cluster's agent reads as Prometheus does, to an Azure Monitor workspace.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="workspaceId">ID of the workspace.</param>
    /// <param name="child">Options of what is made.</param>
    public static void Metrics(AzureEnvironment environment, AzureCluster cluster, Input<string> workspaceId, CustomResourceOptions child)
    {
        var endpoint = new DataCollectionEndpoint("cluster-metrics-endpoint", new DataCollectionEndpointArgs
        {
            DataCollectionEndpointName = environment.NameOf("dce-prometheus"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Kind = KnownDataCollectionEndpointResourceKind.Linux,
            Tags = environment.Tags,
        }, child);
        var rule = new DataCollectionRule("cluster-metrics", new DataCollectionRuleArgs
        {
            DataCollectionRuleName = environment.NameOf("dcr-prometheus"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Kind = KnownDataCollectionRuleResourceKind.Linux,
            DataCollectionEndpointId = endpoint.Id,
            DataSources = new DataCollectionRuleDataSourcesArgs
            {
                PrometheusForwarder = { new PrometheusForwarderDataSourceArgs { Name = "prometheus", Streams = { KnownPrometheusForwarderDataSourceStreams.Microsoft_PrometheusMetrics } } },
            },
            Destinations = new DataCollectionRuleDestinationsArgs
            {
                MonitoringAccounts = { new MonitoringAccountDestinationArgs { Name = MetricsDestination, AccountResourceId = workspaceId } },
            },
            DataFlows = { new DataFlowArgs { Streams = { "Microsoft-PrometheusMetrics" }, Destinations = { MetricsDestination } } },
            Tags = environment.Tags,
        }, child);
        Associate("cluster-metrics-association", "ContainerInsightsMetricsExtension", cluster, rule, child);
    }

    private static void Associate(string name, string association, AzureCluster cluster, DataCollectionRule rule, CustomResourceOptions child)
    {
        _ = new DataCollectionRuleAssociation(name, new DataCollectionRuleAssociationArgs
        {
            AssociationName = association,
            ResourceUri = cluster.Resource.Id,
            DataCollectionRuleId = rule.Id,
        }, child);
    }
}
