using System.Diagnostics;
using Reco.Engine.Cli.Tests.Support;
using Reco.Engine.State;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Reliability;

public sealed class LockTests
{
    [Fact]
    public async Task TwoEngines_AtOnce_OneWinsAndTheOtherNamesTheHolder()
    {
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();
        project.Describe(new ProgramDescription { Generated = 3 });
        using var first = project.Start(1500, "up", "--yes", "--skip-preview");
        using var second = project.Start(1500, "up", "--yes", "--skip-preview");
        var results = await Task.WhenAll(CliProject.EndAsync(first), CliProject.EndAsync(second));

        var loser = Assert.Single(results, result => result.Code != 0);
        Assert.Equal(1, loser.Code);
        var winner = results[0] == loser ? second : first;
        Assert.Contains($"process {winner.Id} of {Environment.UserName} on {Environment.MachineName} since 20", loser.Error, StringComparison.Ordinal);
        Assert.Contains("cancel", loser.Error, StringComparison.Ordinal);
        Assert.Equal(3, project.Objects.Count());
        Assert.Empty(Directory.GetFiles(Path.Combine(project.Root, ".pulumi", "locks"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Take_ManyAtOnce_OneHoldsIt()
    {
        var root = Directory.CreateTempSubdirectory("reco-lock-").FullName;
        try
        {
            var folder = new StateFolder(root);
            var name = new StackName("shop", "dev");
            for (var round = 0; round < 20; round++)
            {
                var holding = 0;
                var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
                {
                    try
                    {
                        return StackLock.Take(folder, name, TimeProvider.System, note => Assert.Fail(note));
                    }
                    catch (EngineException)
                    {
                        return null;
                    }
                })));
                holding += taken.Count(held => held is not null);
                Assert.Equal(1, holding);
                Assert.True(StackLock.IsHeld(folder, name));
                taken.Single(held => held is not null)!.Dispose();
                Assert.False(StackLock.IsHeld(folder, name));
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task Lock_OfAnotherMachine_IsRefusedUntilCancelled()
    {
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();
        var locks = Directory.CreateDirectory(Path.Combine(project.Root, ".pulumi", "locks", "organization", "shop", "dev")).FullName;
        File.WriteAllText(Path.Combine(locks, $"{Guid.NewGuid()}.json"), """{"pid":4711,"username":"ann","hostname":"build-7","timestamp":"2026-01-02T03:04:05.678901234+01:00"}""");
        var refused = await project.RunAsync("up", "--yes");
        Assert.Equal(1, refused.Code);
        Assert.Contains("4711", refused.Error, StringComparison.Ordinal);
        Assert.Contains("ann", refused.Error, StringComparison.Ordinal);
        Assert.Contains("build-7", refused.Error, StringComparison.Ordinal);
        Assert.Contains("2026-01-02T03:04:05", refused.Error, StringComparison.Ordinal);
        Assert.Contains("reco cancel --stack dev", refused.Error, StringComparison.Ordinal);
        (await project.RunAsync("preview")).Ok();

        Assert.Contains("ann", (await project.RunAsync("cancel", "--yes")).Ok().Output, StringComparison.Ordinal);
        (await project.RunAsync("up", "--yes")).Ok();
    }

    [Fact]
    public async Task Lock_OfADeadProcess_IsRemovedAndTold()
    {
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();
        using var dead = Process.Start("true");
        await dead.WaitForExitAsync();
        var locks = Directory.CreateDirectory(Path.Combine(project.Root, ".pulumi", "locks", "organization", "shop", "dev")).FullName;
        File.WriteAllText(Path.Combine(locks, $"{Guid.NewGuid()}.json"), $$"""{"pid":{{dead.Id}},"username":"root","hostname":"{{Environment.MachineName}}","timestamp":"2026-01-02T03:04:05Z"}""");
        var up = (await project.RunAsync("up", "--yes")).Ok();
        Assert.Contains($"process {dead.Id}", up.Error, StringComparison.Ordinal);
    }
}
