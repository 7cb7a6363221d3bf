using Reco.LocalCluster.Hosting;

// reco-cluster serve --project DIR --state DIR
if (args is not ["serve", "--project", var project, "--state", var state])
{
    await Console.Error.WriteLineAsync("usage: reco-cluster serve --project FOLDER_OF_PULUMI_YAML --state FOLDER");
    return 2;
}

try
{
    await ClusterHost.RunAsync(Path.GetFullPath(project), Path.GetFullPath(state), TimeProvider.System, Console.Out.WriteLine);
    return 0;
}
catch (ClusterException error)
{
    await Console.Error.WriteLineAsync($"reco-cluster: {error.Message}");
    return 1;
}
