using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Recommendation;

/// <summary>An answer to <see cref="RecommendQuery"/>.</summary>
/// <param name="Model">The model that answered.</param>
/// <param name="Path">How the user was found.</param>
/// <param name="UnknownItems">Recent items that the model does not know, and that were passed over.</param>
/// <param name="Hits">The items, best first.</param>
internal sealed record RecommendationResult(ServedModel Model, UserPath Path, IReadOnlyList<string> UnknownItems, Hit[] Hits);
