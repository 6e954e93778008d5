//! The calls about trust.

use hyper::Method;

use super::{
    Client, Follow, LOCAL, remote_limit,
    target::Target,
    transport::{self, Body},
};
use crate::api::{
    ApproveRequest, Contact, Error, LogQuery, PairRequest, Pin, RejectRequest, Request, RequestsQuery,
    Scopes, Ticket, Trust, TrustEvent, TrustRequest, UntrustQuery, UseRequest, WhoRequest,
};

impl Client {
    /// Asks an agent to trust this one, and promises the same.
    pub async fn trust(&self, request: &TrustRequest) -> Result<Trust, Error> {
        let limit = remote_limit(request.timeout_ms);
        self.call(Method::POST, Target::new(["trust"]), Body::json(request)?, limit).await
    }

    /// Who waits for an answer.
    pub async fn requests(&self, query: &RequestsQuery) -> Result<Vec<Request>, Error> {
        self.get(Target::new(["trust", "requests"]).query(query)?).await
    }

    /// Requests of others as they come; first those that wait already.
    pub async fn follow_requests(&self) -> Result<Follow<Request>, Error> {
        self.follow(Method::GET, Target::new(["trust", "requests", "follow"])).await
    }

    /// Trusts an agent that has asked.
    pub async fn approve(&self, request: &ApproveRequest) -> Result<Contact, Error> {
        self.call(Method::POST, Target::new(["trust", "approve"]), Body::json(request)?, LOCAL).await
    }

    /// Turns down an agent that has asked.
    pub async fn reject(&self, request: &RejectRequest) -> Result<Request, Error> {
        self.call(Method::POST, Target::new(["trust", "reject"]), Body::json(request)?, LOCAL).await
    }

    /// Stops trusting `who`, or takes a request back: an alias, name, address or card.
    pub async fn untrust(&self, who: &str, query: &UntrustQuery) -> Result<Request, Error> {
        let target = Target::new(["contacts", who]).query(query)?;
        self.call(Method::DELETE, target, Body::Empty, LOCAL).await
    }

    /// Changes what a contact may do.
    pub async fn set_scopes(&self, who: &str, scopes: &Scopes) -> Result<Contact, Error> {
        let target = Target::new(["contacts", who, "scopes"]);
        self.call(Method::PUT, target, Body::json(scopes)?, LOCAL).await
    }

    /// Hears nothing of an agent any more.
    pub async fn block(&self, request: &WhoRequest) -> Result<Request, Error> {
        self.call(Method::POST, Target::new(["trust", "block"]), Body::json(request)?, LOCAL).await
    }

    /// Hears of a blocked agent again.
    pub async fn unblock(&self, request: &WhoRequest) -> Result<Request, Error> {
        self.call(Method::POST, Target::new(["trust", "unblock"]), Body::json(request)?, LOCAL).await
    }

    /// What happened between this agent and others, oldest first.
    pub async fn trust_log(&self, query: &LogQuery) -> Result<Vec<TrustEvent>, Error> {
        self.get(Target::new(["trust", "log"]).query(query)?).await
    }

    /// The same as it happens: first what came after `after` if it is given, else from the next event on.
    pub async fn follow_trust_log(&self, query: &LogQuery) -> Result<Follow<TrustEvent>, Error> {
        let target = Target::new(["trust", "log", "follow"]).query(query)?;
        self.follow(Method::GET, target).await
    }

    /// Makes a ticket.
    pub async fn ticket(&self, request: &PairRequest) -> Result<Ticket, Error> {
        self.call(Method::POST, Target::new(["pair"]), Body::json(request)?, LOCAL).await
    }

    /// Waits until a ticket is used, or has expired, for as long as that takes.
    pub async fn used(&self, id: &str) -> Result<Trust, Error> {
        let response = self.open(Method::GET, Target::new(["pair", id]), Body::Empty).await?;
        transport::answer(response.into_body()).await
    }

    /// Takes a ticket back.
    pub async fn withdraw(&self, id: &str) -> Result<(), Error> {
        self.call(Method::DELETE, Target::new(["pair", id]), Body::Empty, LOCAL).await
    }

    /// Uses the ticket of another agent, and waits until each trusts the other.
    pub async fn pair(&self, request: &UseRequest) -> Result<Contact, Error> {
        let limit = remote_limit(request.timeout_ms);
        self.call(Method::POST, Target::new(["pair", "use"]), Body::json(request)?, limit).await
    }

    /// Which agent each address belongs to.
    pub async fn pins(&self) -> Result<Vec<Pin>, Error> {
        self.get(Target::new(["pins"])).await
    }

    /// Settles which of the agents that claim an address is meant.
    pub async fn settle_pin(&self, request: &WhoRequest) -> Result<Pin, Error> {
        self.call(Method::POST, Target::new(["pins", "settle"]), Body::json(request)?, LOCAL).await
    }
}
