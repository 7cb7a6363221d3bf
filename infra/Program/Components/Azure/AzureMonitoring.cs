using Pulumi;
using Pulumi.AzureNative.Dashboard;
using Pulumi.AzureNative.Dashboard.Inputs;
using Pulumi.AzureNative.Monitor;
using Pulumi.AzureNative.Monitor.Inputs;
using Pulumi.AzureNative.OperationalInsights;
using Pulumi.AzureNative.OperationalInsights.Inputs;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AzureMonitoring"/>.</summary>
internal sealed class AzureMonitoringArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>Settings of target azure.</summary>
    public required AzureConfig Config { get; init; }
}

/// <summary>Azure's side of monitoring: Log Analytics and, where asked for, an Azure Monitor workspace for the cluster's metrics
/// with Grafana in front of it. Alerts and dashboards of the services are the cluster's.</summary>
internal sealed class AzureMonitoring : ComponentResource
{
    private readonly AzureEnvironment environment;
    private readonly AzureMonitorWorkspace? workspace;

    /// <summary>Makes the workspaces.</summary>
    public AzureMonitoring(string name, AzureMonitoringArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:Monitoring", name, options)
    {
        environment = args.Environment;
        var child = new CustomResourceOptions { Parent = this };
        var logs = new Workspace("logs", new WorkspaceArgs
        {
            WorkspaceName = environment.NameOf("log"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Sku = new WorkspaceSkuArgs { Name = WorkspaceSkuNameEnum.PerGB2018 },
            RetentionInDays = args.Config.LogRetentionDays,
            Features = new WorkspaceFeaturesArgs { DisableLocalAuth = true, EnableLogAccessUsingOnlyResourcePermissions = true },
            Tags = environment.Tags,
        }, child);
        LogsId = logs.Id;
        if (args.Config.AzureMonitor)
        {
            workspace = new AzureMonitorWorkspace("metrics", new AzureMonitorWorkspaceArgs
            {
                AzureMonitorWorkspaceName = environment.NameOf("amw"),
                ResourceGroupName = environment.Group,
                Location = environment.Location,
                Tags = environment.Tags,
            }, child);
            MakeGrafana(workspace, child);
        }

        RegisterOutputs(new Dictionary<string, object?> { ["logsId"] = LogsId });
    }

    /// <summary>ID of the Log Analytics workspace.</summary>
    public Output<string> LogsId { get; }

    /// <summary>Sends a cluster's audit logs, events and inventory to Log Analytics, and its metrics to the workspace for them.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="containerLogs">Whether what containers write goes to Log Analytics, too.</param>
    public void Watch(AzureCluster cluster, bool containerLogs)
    {
        var child = new CustomResourceOptions { Parent = this, DeletedWith = cluster.Resource };
        _ = new DiagnosticSetting("cluster-logs", new DiagnosticSettingArgs
        {
            Name = "to-log-analytics",
            ResourceUri = cluster.Resource.Id,
            WorkspaceId = LogsId,
            LogAnalyticsDestinationType = "Dedicated",
            Logs = { Category("kube-audit-admin"), Category("guard"), Category("kube-controller-manager"), Category("cluster-autoscaler") },
        }, child);
        DataCollection.Logs(environment, cluster, LogsId, containerLogs, child);
        if (workspace is not null)
        {
            DataCollection.Metrics(environment, cluster, workspace.Id, child);
        }
    }

    /// <summary>Sends a resource's log of who did what to Log Analytics.</summary>
    /// <param name="name">Name of the setting in the program.</param>
    /// <param name="resourceId">The resource.</param>
    /// <param name="categories">Kinds of entries.</param>
    public void Audit(string name, Input<string> resourceId, params string[] categories)
    {
        _ = new DiagnosticSetting(name, new DiagnosticSettingArgs
        {
            Name = "to-log-analytics",
            ResourceUri = resourceId,
            WorkspaceId = LogsId,
            Logs = [.. categories.Select(Category)],
        }, new CustomResourceOptions { Parent = this });
    }

    private static DiagnosticsLogSettingsArgs Category(string name) => new() { Category = name, Enabled = true };

    private void MakeGrafana(AzureMonitorWorkspace metrics, CustomResourceOptions child)
    {
        var grafana = new Grafana("grafana", new GrafanaArgs
        {
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Sku = new ResourceSkuArgs { Name = "Standard" },
            Identity = new Pulumi.AzureNative.Dashboard.Inputs.ManagedServiceIdentityArgs { Type = Pulumi.AzureNative.Dashboard.ManagedServiceIdentityType.SystemAssigned },
            Properties = new ManagedGrafanaPropertiesArgs
            {
                ApiKey = ApiKey.Disabled,
                ZoneRedundancy = ZoneRedundancy.Disabled,
                GrafanaIntegrations = new GrafanaIntegrationsArgs
                {
                    AzureMonitorWorkspaceIntegrations = { new AzureMonitorWorkspaceIntegrationArgs { AzureMonitorWorkspaceResourceId = metrics.Id } },
                },
            },
            Tags = environment.Tags,
        }, child);
        Roles.Assign("grafana-reads-metrics", Roles.MonitoringDataReader, grafana.Identity.Apply(identity => identity!.PrincipalId), metrics.Id, this);
    }
}
