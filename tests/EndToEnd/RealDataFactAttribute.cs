namespace Reco.EndToEnd;

/// <summary>A test on the Complete Journey data, which is no part of the repository.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute()
    {
        if (Repository.CompleteJourney is null)
        {
            Skip = "the Complete Journey data is neither in ../shared/data/complete-journey nor where RECO_DATA says";
        }
    }
}
