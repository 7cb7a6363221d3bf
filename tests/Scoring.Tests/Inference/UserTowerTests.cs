using Reco.Bundle;
using Reco.Scoring.Configuration;
using Reco.Scoring.Inference;

namespace Reco.Scoring.Tests.Inference;

/// <summary>Runs with buffers that are kept: what one caller leaves in them must not reach another.</summary>
public sealed class UserTowerTests : IDisposable
{
    private readonly string store = Directory.CreateTempSubdirectory("reco-tower-").FullName;

    public void Dispose() => Directory.Delete(store, recursive: true);

    [Fact]
    public async Task Embed_BatchesOfManySizesAtOnce_GivesEachRowWhatItGivesAlone()
    {
        using var tower = await LoadAsync();
        var alone = Enumerable.Range(0, BundleMaker.Users + 1).Select(user => Embed(tower, [user])).ToArray();
        Parallel.For(0, 400, number =>
        {
            // Up to 100 rows: some sizes are kept, some are not.
            var random = new Random(number);
            var users = Enumerable.Range(0, 1 + (random.Next(10) * random.Next(12))).Select(_ => (long)random.Next(alone.Length)).ToArray();
            var vectors = Embed(tower, users);
            for (var row = 0; row < users.Length; row++)
            {
                Assert.Equal(alone[users[row]], vectors.AsSpan(row * tower.Dimension, tower.Dimension).ToArray(), (left, right) => Math.Abs(left - right) < 1e-5);
            }
        });
    }

    [Fact]
    public void Rent_AfterDisposal_KeepsNothing()
    {
        var made = new List<Run>();
        var pool = new RunPool<Run>(size => Add(made, new Run(size)), 4);
        var (kept, late, large) = (pool.Rent(2), pool.Rent(2), pool.Rent(5));
        large.Dispose();
        Assert.True(made[2].IsDisposed);
        kept.Dispose();
        Assert.False(made[0].IsDisposed);
        using (var again = pool.Rent(2))
        {
            Assert.Same(made[0], again.Run);
        }

        pool.Dispose();
        Assert.True(made[0].IsDisposed);
        Assert.False(made[1].IsDisposed);
        late.Dispose();
        Assert.True(made[1].IsDisposed);
        Assert.Equal([2, 2, 5], made.Select(run => run.Size));
    }

    private async Task<UserTower> LoadAsync()
    {
        var manifest = await BundleMaker.PublishAsync(store, 3);
        var folder = Path.Combine(store, manifest.Name, manifest.Version);
        var (session, provider) = ExecutionProviders.Create(new InferenceOptions(), (_, _) => { });
        using (session)
        {
            return UserTower.Load(Path.Combine(folder, BundleFiles.Model), manifest, session, provider);
        }
    }

    private static float[] Embed(UserTower tower, long[] users)
    {
        var histories = new long[users.Length * tower.History];
        for (var row = 0; row < users.Length; row++)
        {
            histories[row * tower.History] = users[row];
        }

        var vectors = new float[users.Length * tower.Dimension];
        tower.Embed(users, histories, vectors);
        return vectors;
    }

    private static Run Add(List<Run> made, Run run)
    {
        made.Add(run);
        return run;
    }

    private sealed class Run(int size) : IDisposable
    {
        public int Size => size;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
