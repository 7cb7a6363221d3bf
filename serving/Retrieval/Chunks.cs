using System.Runtime.ExceptionServices;
using Reco.Scoring.Hosting;

namespace Reco.Scoring.Retrieval;

/// <summary>Work on many items in parts.</summary>
internal static class Chunks
{
    /// <summary>Runs the parts on all processors; on a quiet thread one after another there, for the pool is for requests.</summary>
    public static void For(int parts, Action<int> work)
    {
        if (!QuietThread.IsCurrent)
        {
            try
            {
                Parallel.For(0, parts, work);
            }
            catch (AggregateException errors)
            {
                // One is enough to know, and it is what a quiet thread throws.
                ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
            }

            return;
        }

        for (var part = 0; part < parts; part++)
        {
            work(part);
        }
    }
}
