//! What a server said of its models and views, so that it is not asked twice.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use mapping_core::name::ModelName;
use tokio::time::Instant;

use crate::destination::model::Model;
use crate::destination::pages::View;
use crate::destination::states::Place;

/// How long ago an answer is a moment ago: what was planned then is made without asking again.
const MOMENT: Duration = Duration::from_secs(60);

/// The answers so far.
#[derive(Default)]
pub(crate) struct Known {
    /// `None` for models that are not there.
    models: RwLock<HashMap<ModelName, Answer<Option<Arc<Model>>>>>,
    views: RwLock<HashMap<ModelName, Answer<Arc<[View]>>>>,
    /// Of models: the ids of the rows that describe them.
    ids: RwLock<HashMap<ModelName, i64>>,
    /// All countries.
    pub(crate) countries: OnceLock<Vec<Place>>,
}

struct Answer<T> {
    said: T,
    at: Instant,
}

impl Known {
    /// The model's fields, if they were asked for: `Some(None)` where there is no such model.
    pub(crate) fn model(&self, model: &ModelName) -> Option<Option<Arc<Model>>> {
        let models = self.models.read().unwrap_or_else(PoisonError::into_inner);
        models.get(model).map(|answer| answer.said.clone())
    }

    pub(crate) fn learn(&self, model: &ModelName, said: Option<Arc<Model>>) {
        let answer = Answer { said, at: Instant::now() };
        self.models.write().unwrap_or_else(PoisonError::into_inner).insert(model.clone(), answer);
    }

    /// The views of a model that pages have to do with, if they were asked for.
    pub(crate) fn views(&self, model: &ModelName) -> Option<Arc<[View]>> {
        let views = self.views.read().unwrap_or_else(PoisonError::into_inner);
        views.get(model).map(|answer| answer.said.clone())
    }

    pub(crate) fn learn_views(&self, model: &ModelName, said: Arc<[View]>) {
        let answer = Answer { said, at: Instant::now() };
        self.views.write().unwrap_or_else(PoisonError::into_inner).insert(model.clone(), answer);
    }

    pub(crate) fn id(&self, model: &str) -> Option<i64> {
        self.ids.read().unwrap_or_else(PoisonError::into_inner).get(model).copied()
    }

    pub(crate) fn learn_id(&self, model: &str, id: i64) {
        self.ids.write().unwrap_or_else(PoisonError::into_inner).insert(model.into(), id);
    }

    /// Forgets all that was said of a model.
    pub(crate) fn forget(&self, model: &ModelName) {
        self.forget_fields(model);
        self.ids.write().unwrap_or_else(PoisonError::into_inner).remove(model);
        self.forget_views(model);
    }

    /// Forgets what a model's fields were.
    pub(crate) fn forget_fields(&self, model: &ModelName) {
        self.models.write().unwrap_or_else(PoisonError::into_inner).remove(model);
    }

    /// Forgets which views a model has.
    pub(crate) fn forget_views(&self, model: &ModelName) {
        self.views.write().unwrap_or_else(PoisonError::into_inner).remove(model);
    }

    /// Forgets all that was said of a model, unless that was a moment ago.
    pub(crate) fn forget_old(&self, model: &ModelName) {
        let old = |at: Option<Instant>| at.is_some_and(|at| at.elapsed() > MOMENT);
        let models = self.models.read().unwrap_or_else(PoisonError::into_inner).get(model).map(|one| one.at);
        let views = self.views.read().unwrap_or_else(PoisonError::into_inner).get(model).map(|one| one.at);
        if old(models) || old(views) {
            self.forget(model);
        }
    }
}
